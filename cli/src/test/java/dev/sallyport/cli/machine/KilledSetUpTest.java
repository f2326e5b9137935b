package dev.sallyport.cli.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testing.TestNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that is killed while it sets up its network, before or after any of its changes: on a machine with IPv4 and IPv6 that is no router. In the long run at every change, otherwise at some. */
class KilledSetUpTest {
    private static final int STEP = Boolean.getBoolean("sallyport.long") ? 1 : 5;
    private static final List<String> TOOLS = List.of("ip", "iptables", "ip6tables");

    /** Kills who called it, the so-manieth time that one of these is called: before or after it has done what it was called for. */
    private static final String KILLER = """
            #!/bin/sh
            echo >> "$CALLS"
            if [ "$(wc -l < "$CALLS")" = "$LAST" ]; then
                [ "$WHEN" = before ] || %s "$@"
                kill -KILL $PPID
                exit 1
            fi
            exec %1$s "$@"
            """;

    @TempDir
    private Path dir;

    @BeforeEach
    void aMachineWithAnIpv6Route() throws IOException {
        TestNetwork.require();
        HostTools.run("ip", "link", "add", "up0", "type", "veth", "peer", "name", "up1");
        HostTools.run("ip", "address", "add", "2001:db8:7::1/64", "dev", "up0", "nodad");
        HostTools.run("ip", "link", "set", "up1", "up");
        HostTools.run("ip", "link", "set", "up0", "up");
        HostTools.run("ip", "-6", "route", "add", "default", "via", "2001:db8:7::2", "dev", "up0");
        for (String tool : TOOLS) {
            Path real = Path.of(HostTools.run("sh", "-c", "command -v " + tool).strip());
            Path killer = Files.createDirectories(dir.resolve("bin")).resolve(tool);
            Files.writeString(killer, KILLER.formatted(real));
            Files.setPosixFilePermissions(killer, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    @AfterEach
    void noIpv6Route() throws IOException {
        HostTools.run("ip", "link", "delete", "up0");
    }

    @Test
    @DisplayName("CAP-15 whenever a run is killed during the set-up, the next one puts the machine right")
    void theNextRunPutsTheMachineRight() throws Exception {
        String before = IsolatedNetworkTest.machine();
        Path root = dir.resolve("run");
        for (String when : List.of("before", "after")) {
            int last = 1;
            while (isKilled(root, last, when)) {
                RunDirectory.create(root).close();
                assertThat(IsolatedNetworkTest.machine())
                        .as("killed %s call %d", when, last)
                        .isEqualTo(before);
                last += STEP;
            }
            assertThat(last).as("calls of a set-up").isGreaterThan(20);
            RunDirectory.create(root).close();
            assertThat(IsolatedNetworkTest.machine()).isEqualTo(before);
        }
    }

    /** Whether it was, rather than having made all of it. */
    private boolean isKilled(Path root, int last, String when) throws Exception {
        Path calls = Files.writeString(dir.resolve("calls"), "");
        ProcessBuilder builder = new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                IsolatedNetworkTest.Leaver.class.getName(),
                root.toString());
        builder.environment().put("PATH", dir.resolve("bin") + ":" + System.getenv("PATH"));
        builder.environment().put("CALLS", calls.toString());
        builder.environment().put("LAST", Integer.toString(last));
        builder.environment().put("WHEN", when);
        Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        boolean made = process.getInputStream().readNBytes(4).length == 4;
        process.destroyForcibly();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return !made;
    }
}
