package dev.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Commands of the tests themselves, with all their rights. */
final class Shell {
    private static final int PATIENCE_SECONDS = 120;

    /** Runs one that must succeed, and returns what it printed. */
    static String here(String... command) {
        return here(List.of(command), "");
    }

    /** The same with an input. */
    static String here(List<String> command, String input) {
        RunShell.Output output = attempt(command, input);
        assertThat(output.code()).as("%s: %s", command, output.text()).isZero();
        return output.text();
    }

    /** Runs one that may fail. */
    static RunShell.Output attempt(List<String> command, String input) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            try (var in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            }
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            return new RunShell.Output(process.exitValue(), text);
        } catch (IOException | InterruptedException e) {
            throw new AssertionError("cannot run " + command, e);
        }
    }

    /** Everything of this machine that isolation may change: packet rules, interfaces, routes, forwarding, and notes of what is to be taken back in this network. */
    static String machine() {
        return here("bash", "-c", """
                for tool in iptables ip6tables; do $tool -S; $tool -t nat -S; done
                ip -o link | cut -d' ' -f2-9
                ip route
                # Link-local addresses come when they like.
                ip -6 route | grep -v '^fe80'
                ip rule; ip -6 rule
                cat /proc/sys/net/ipv4/ip_forward
                grep . /proc/sys/net/ipv6/conf/*/{forwarding,accept_ra}
                ls /run/sallyport | grep -- "-$(readlink /proc/self/ns/net | tr -dc 0-9)$"
                true
                """);
    }

    private Shell() {}
}
