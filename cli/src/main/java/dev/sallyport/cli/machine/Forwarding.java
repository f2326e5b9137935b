package dev.sallyport.cli.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Forwarding of IPv4 packets between the machine's interfaces. Where it is off it is turned on for as long as isolated runs live, together with a rule that drops whatever is not theirs: a machine that was no router does not
 * become one.
 */
final class Forwarding {
    private static final Path SWITCH = Path.of("/proc/sys/net/ipv4/ip_forward");
    private static final String[] DROP_OTHERS = {
        "FORWARD", "-m", "comment", "--comment", "sallyport: no router before", "-j", "DROP"
    };

    /** Sees to it that packets are forwarded. Under the lock of {@code root} only. */
    static void turnOn(Path root) throws IOException {
        if (Files.readString(SWITCH).strip().equals("1")) {
            return;
        }
        Files.writeString(note(root), "0\n");
        HostTools.run(command("-A"));
        Files.writeString(SWITCH, "1\n");
    }

    /** Turns it off again when it was turned on here and no run in this network needs it any more. Under the lock of {@code root} only. */
    static void restoreIfUnused(Path root) throws IOException {
        if (Files.exists(note(root)) && !RunDirectory.anyLiveInThisNetwork(root)) {
            Files.writeString(SWITCH, "0\n");
            HostTools.run(command("-D"));
            Files.delete(note(root));
        }
    }

    private static Path note(Path root) {
        return root.resolve("ip_forward-" + HostJournal.thisNetwork().replaceAll("[^0-9]", ""));
    }

    private static String[] command(String operation) {
        String[] command = new String[DROP_OTHERS.length + 3];
        command[0] = "iptables";
        command[1] = "-w";
        command[2] = operation;
        System.arraycopy(DROP_OTHERS, 0, command, 3, DROP_OTHERS.length);
        return command;
    }

    private Forwarding() {}
}
