package dev.sallyport.cli.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forwarding of packets between the machine's interfaces. Where it is off it is turned on for as long as isolated runs live, together with a rule that drops whatever is not theirs: a machine that was no router does not
 * become one. What was changed stands in a note until it is changed back, after a kill by the next run.
 */
final class Forwarding {
    private static final Logger LOG = LoggerFactory.getLogger(Forwarding.class);
    private static final List<String> DROP_OTHERS =
            List.of("FORWARD", "-m", "comment", "--comment", "sallyport: no router before", "-j", "DROP");

    private final AddressFamily family;
    private final Path note;

    private Forwarding(AddressFamily family, Path root) {
        this.family = family;
        String name = family == AddressFamily.V4 ? "ip_forward-" : "ip6_forward-";
        this.note = root.resolve(name + HostJournal.thisNetwork().replaceAll("[^0-9]", ""));
    }

    /** Sees to it that packets are forwarded. Under the lock of {@code root} only. */
    static void turnOn(AddressFamily family, Path root) throws IOException {
        new Forwarding(family, root).turnOn();
    }

    /** Turns it off again when it was turned on here and no run in this network needs it any more. Under the lock of {@code root} only. */
    static void restoreIfUnused(Path root) throws IOException {
        for (AddressFamily family : AddressFamily.values()) {
            Forwarding forwarding = new Forwarding(family, root);
            if (Files.exists(forwarding.note) && !RunDirectory.anyLiveInThisNetwork(root)) {
                forwarding.restore();
            }
        }
    }

    private void turnOn() throws IOException {
        if (family.isForwarded()) {
            return;
        }
        List<String> advertised = family == AddressFamily.V6 ? RouterAdvertisements.heeded() : List.of();
        Files.write(note, advertised);
        HostTools.run(command("-A"), "");
        RouterAdvertisements.heedAsRouter(advertised);
        Files.writeString(family.forwarding(), "1\n");
    }

    private void restore() throws IOException {
        Files.writeString(family.forwarding(), "0\n");
        try {
            HostTools.run(command("-D"), "");
        } catch (IsolationException notThere) {
            LOG.debug("the run was killed before it was made: {}", notThere.getMessage());
        }
        RouterAdvertisements.heedAsHost(Files.readAllLines(note));
        Files.delete(note);
    }

    private List<String> command(String operation) {
        return Commands.join(List.of(List.of(family.firewall(), "-w", operation), DROP_OTHERS));
    }
}
