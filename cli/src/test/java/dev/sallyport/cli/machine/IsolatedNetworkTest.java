package dev.sallyport.cli.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testing.TestNetwork;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is made on the machine for an isolated command, in the network namespace of the tests. */
class IsolatedNetworkTest {
    @TempDir
    private Path dir;

    @BeforeAll
    static void noRealMachine() {
        TestNetwork.require();
    }

    @Test
    void theNamespaceReachesTheMachineAndNothingIsLeftOfItAfterwards() throws Exception {
        String before = machine();
        Path root = dir.resolve("run");
        try (RunDirectory run = RunDirectory.create(root);
                ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("203.0.113.7"))) {
            try (IsolatedNetwork network = IsolatedNetwork.create(run, Resolvers.ofMachine())) {
                List<String> dial = new ArrayList<>(network.enter());
                dial.addAll(List.of("bash", "-c", "exec 3<>/dev/tcp/203.0.113.7/" + server.getLocalPort()));
                assertThat(run(dial)).isEqualTo("0 ");
                assertThat(server.accept().getRemoteSocketAddress())
                        .isInstanceOfSatisfying(
                                InetSocketAddress.class,
                                from -> assertThat(from.getHostString()).startsWith("10.231."));
                assertThat(machine()).isNotEqualTo(before);
            }
        }
        assertThat(machine()).isEqualTo(before);
        assertThat(root).isDirectoryNotContaining("glob:**/run-*");
    }

    @Test
    void whatAKilledRunLeftIsTakenBackByTheNext() throws Exception {
        String before = machine();
        Path root = dir.resolve("run");
        Process killed = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Leaver.class.getName(),
                        root.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(new String(killed.getInputStream().readNBytes(4), StandardCharsets.UTF_8))
                .isEqualTo("made");
        killed.destroyForcibly().waitFor();
        assertThat(HostTools.run("iptables", "-S")).contains("10.231.");
        RunDirectory.create(root).close();
        assertThat(machine()).isEqualTo(before);
    }

    @Test
    void aRunThatLivesIsNotTouchedByAnother() throws Exception {
        Path root = dir.resolve("run");
        String before = machine();
        try (RunDirectory first = RunDirectory.create(root)) {
            try (IsolatedNetwork network = IsolatedNetwork.create(first, Resolvers.ofMachine())) {
                String with = machine();
                try (RunDirectory second = RunDirectory.create(root);
                        IsolatedNetwork other = IsolatedNetwork.create(second, Resolvers.ofMachine())) {
                    assertThat(other.hostAddress()).isNotEqualTo(network.hostAddress());
                }
                assertThat(machine()).isEqualTo(with);
            }
        }
        assertThat(machine()).isEqualTo(before);
    }

    /** Everything about this machine that isolation may change. */
    static String machine() throws IOException {
        StringBuilder machine = new StringBuilder();
        for (AddressFamily family : AddressFamily.values()) {
            machine.append(HostTools.run(family.firewall(), "-S"))
                    .append(HostTools.run(family.firewall(), "-t", "nat", "-S"))
                    .append(Files.readString(family.forwarding()));
        }
        return machine
                + HostTools.run("ip", "-o", "link").replaceAll("(?m)^\\d+: ", "")
                + RouterAdvertisements.heeded();
    }

    static String run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return process.exitValue() + " " + output;
    }

    /** A program that makes a network and waits to be killed. */
    static final class Leaver {
        public static void main(String[] arguments) throws Exception {
            RunDirectory run = RunDirectory.create(Path.of(arguments[0]));
            IsolatedNetwork network = IsolatedNetwork.create(run, Resolvers.ofMachine());
            System.out.print("made");
            System.out.flush();
            new java.util.concurrent.CountDownLatch(1).await();
            network.close();
        }
    }
}
