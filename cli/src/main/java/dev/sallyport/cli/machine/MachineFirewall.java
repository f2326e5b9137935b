package dev.sallyport.cli.machine;

import java.io.IOException;
import java.util.List;

/** The rules of the machine's own firewall that let one isolated network out. Each is put before all others of its chain, so that it holds whatever firewall is there, and stands in the run's journal. */
final class MachineFirewall {
    private final RunDirectory run;
    private final String link;

    /** @param link the machine's end of the way out */
    MachineFirewall(RunDirectory run, String link) {
        this.run = run;
        this.link = link;
    }

    /** Lets what comes from {@code inside} out, under the machine's own address, and the answers in. */
    void letOut(AddressFamily family, String inside) throws IOException {
        add(family, "FORWARD", "-o", link, "-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED", "-j", "ACCEPT");
        add(family, "FORWARD", "-i", link, "-s", inside, "-j", "ACCEPT");
        add(family, "POSTROUTING", "-t", "nat", "-s", inside, "!", "-o", link, "-j", "MASQUERADE");
        run.needForwarding(family);
    }

    /** Lets it connect to one port of an address of the machine. */
    void admit(AddressFamily family, String protocol, String address, int port) throws IsolationException {
        String number = Integer.toString(port);
        add(family, "INPUT", "-i", link, "-d", address, "-p", protocol, "--dport", number, "-j", "ACCEPT");
    }

    private void add(AddressFamily family, String chain, String... rule) throws IsolationException {
        run.journal().undoWith(command(family, "-D", chain, rule));
        HostTools.run(command(family, "-I", chain, rule), "");
    }

    private static List<String> command(AddressFamily family, String operation, String chain, String... rule) {
        return Commands.join(List.of(List.of(family.firewall(), "-w", operation, chain), List.of(rule)));
    }
}
