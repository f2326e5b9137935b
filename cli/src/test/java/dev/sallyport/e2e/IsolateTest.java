package dev.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testing.Envoys;
import dev.sallyport.testing.Eventually;
import dev.sallyport.testing.UpstreamRequest;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./sallyport run --isolate} with hostile commands, in a network namespace below that of the tests. Needs root, as the feature does. */
class IsolateTest {
    private static final Path LAUNCHER =
            Path.of("..", "sallyport").toAbsolutePath().normalize();
    private static final long PATIENCE_SECONDS = 180;
    private static final String KEY = "sk-test-0123456789";
    private static final String NO_PROXY = "unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY; ";

    @TempDir
    private Path dir;

    private record Result(int code, String out, String err, String log) {}

    @BeforeEach
    void aPolicyAndASecret() throws IOException {
        Files.writeString(dir.resolve("roots.pem"), Internet.get().publicRoots());
        Files.writeString(Files.createDirectories(dir.resolve("secrets/api")).resolve("token"), KEY);
        Files.writeString(dir.resolve("policy.yaml"), """
                apiVersion: sallyport.dev/v1alpha1
                kind: EgressPolicy
                metadata: {name: p, namespace: agents}
                spec:
                  hosts:
                  - host: api.example.com
                    credentials:
                    - {header: x-api-key, valueFrom: {secretKeyRef: {name: api, key: token}}}
                """);
    }

    @Test
    @DisplayName(
            "CAP-01, CAP-02, CAP-03 without proxy variables, allowed hosts work, by whatever address, and nothing else gets out")
    void everyConnectionGoesToTheSidecar() throws Exception {
        int before = Internet.get().upstream().connections().size();
        Result result = isolated(NO_PROXY + """
                code() { curl -s -m 20 -o /dev/null -w '%{http_code} ' "$@" || printf 'E '; }
                code -H 'x-cap: 1' https://api.example.com/
                code -H 'x-cap: 2' --resolve api.example.com:443:198.51.100.7 https://api.example.com/
                code -H 'x-cap: 3' http://api.example.com/
                code https://b.example.com/
                code http://b.example.com/
                code https://198.51.100.7:22/
                code https://[2001:db8:ffff::10]:8080/
                """);
        assertThat(result.out()).as(result.err()).isEqualTo("200 200 200 000 E 403 000 E 000 E ");
        for (String number : List.of("1", "2", "3")) {
            List<UpstreamRequest> requests = Internet.get().upstream().requests("x-cap", number);
            assertThat(requests)
                    .as("request %s", number)
                    .hasSize(1)
                    .first()
                    .satisfies(
                            request -> assertThat(request.values("x-api-key")).containsExactly(KEY));
        }
        assertThat(Internet.get().upstream().connections().stream().skip(before))
                .allSatisfy(
                        connection -> assertThat(connection.to().getAddress().getHostAddress())
                                .isIn("203.0.113.10", "2001:db8:ffff:0:0:0:0:10"))
                .allSatisfy(connection -> assertThat(connection.to().getPort()).isEqualTo(443));
        assertThat(result.log().lines().filter(line -> line.contains("no_matching_chain")))
                .hasSize(3)
                .anyMatch(line -> line.contains("198.51.100.7:22"))
                .anyMatch(line -> line.contains("[2001:db8:ffff::10]:8080"));
    }

    @Test
    @DisplayName("CAP-04, CAP-05 UDP and other resolvers are refused; without the isolation the same packets arrive")
    void datagramsDoNotLeave() throws Exception {
        String send =
                "for to in 203.0.113.7/4444 203.0.113.54/53 203.0.113.7/853; do echo x > /dev/udp/$to && printf 'sent '; done 2> /dev/null; exit 0";
        try (DatagramSocket socket = new DatagramSocket(4444, InetAddress.getByName("203.0.113.7"))) {
            assertThat(isolated(send).out()).isEmpty();
            socket.setSoTimeout(500);
            assertThat(receives(socket)).isFalse();
            assertThat(here("bash", "-c", send)).isEqualTo("sent sent sent ");
            assertThat(receives(socket)).isTrue();
        }
    }

    @Test
    @DisplayName(
            "CAP-06, CAP-07, CAP-11 loopback is the command's own, the control plane is out of its reach, nothing else listens")
    void loopbackStaysAndTheControlPlaneIsOutOfReach() throws Exception {
        Result result = isolated(NO_PROXY + """
                for at in 127.0.0.1 ::1; do
                  python3 -m http.server --bind $at 8080 > /dev/null 2>&1 &
                  curl -s --retry 20 --retry-connrefused --retry-delay 1 -m 60 -g -o /dev/null -w '%{http_code} ' "http://$(case $at in *:*) echo [$at];; *) echo $at;; esac):8080/"
                  kill $!; wait $! 2> /dev/null
                done
                gateway=$(ip -4 route show default | cut -d' ' -f3)
                bash -c "exec 3<>/dev/tcp/$gateway/1; printf x >&3; cat <&3" > /dev/null 2>&1
                ss -Hltn | awk '{print $4}' | sed 's/.*://' | sort -un | tr '\\n' ' '
                """);
        assertThat(result.out()).as(result.err()).isEqualTo("200 200 15001 15006 15021 ");
        assertThat(result.log()).containsPattern("10\\.231\\.\\d+\\.\\d+:1\"");
    }

    @Test
    @DisplayName(
            "CAP-15, CAP-16 the command cannot read seed, token or secrets, become another user, send raw packets or join a namespace")
    void theCommandHasNothingToTakeAndNoRights() throws Exception {
        Path state = dir.resolve("state");
        Files.writeString(dir.resolve("note"), "visible");
        // Everybody may read the Secret where it lies: that it cannot be seen in there is the isolation's doing.
        here("chmod", "-R", "a+rX", dir.toString());
        String attack = """
                cat %1$s/note
                cat %1$s/secrets/api/token %1$s/policy.yaml %2$s/seed %2$s/tokens/agents/p/token
                find / -xdev -name seed -readable
                ls /run/sallyport
                cat /proc/*/environ | tr '\\0' '\\n' | grep -c %3$s
                python3 -c 'import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)' && echo raw
                python3 -c 'import os; os.setuid(1900000000)' && echo uid
                nsenter --net=/proc/self/ns/net true && echo joined
                unshare --net true && echo unshared
                umount %1$s/secrets && echo unmounted
                grep -E 'CapBnd|NoNewPrivs' /proc/self/status | tr -d '\\t\\n'
                """.formatted(dir, state, KEY);
        Result result = isolated(
                List.of("--state", state.toString(), "--show", dir.toString()), "(" + attack + ") 2> /dev/null");
        assertThat(result.out().lines().toList())
                .as(result.err())
                .containsExactly("visibletrust", "0", "CapBnd:0000000000000000NoNewPrivs:1");
        assertThat(here("bash", "-c", "(" + attack + ") 2> /dev/null"))
                .contains(KEY, "raw", "uid", "joined", "unshared");
    }

    @Test
    void theMachineIsAsBeforeWhateverTheCommandLeavesAndHoweverTheRunEnds() throws Exception {
        String before = machine();
        assertThat(isolated("setsid sleep 1000 & exit 9").code()).isEqualTo(9);
        assertThat(machine()).isEqualTo(before);
        Path mark = dir.resolve("mark");
        Files.createFile(mark);
        here("chmod", "-R", "a+rwX", dir.toString());
        Process killed = builder(List.of("--show", dir.toString()), "echo up > " + mark + "; sleep 1000")
                .start();
        Eventually.within(
                Duration.ofSeconds(PATIENCE_SECONDS), () -> assertThat(mark).isNotEmptyFile());
        List<ProcessHandle> family = killed.descendants().toList();
        assertThat(family).hasSizeGreaterThan(3);
        killed.destroyForcibly();
        Eventually.eventually(() -> assertThat(family).noneMatch(ProcessHandle::isAlive));
        assertThat(isolated("exit 0").code()).isZero();
        Eventually.eventually(() -> assertThat(machine()).isEqualTo(before));
    }

    private static boolean receives(DatagramSocket socket) throws IOException {
        try {
            socket.receive(new DatagramPacket(new byte[10], 10));
            return true;
        } catch (SocketTimeoutException nothing) {
            return false;
        }
    }

    private static String machine() throws Exception {
        return here("iptables", "-S")
                + here("iptables", "-t", "nat", "-S")
                + here("bash", "-c", "ip -o link | cut -d' ' -f2-9")
                + Files.readString(Path.of("/proc/sys/net/ipv4/ip_forward"));
    }

    private static String here(String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        return output;
    }

    private Result isolated(String script) throws Exception {
        return isolated(List.of(), script);
    }

    private Result isolated(List<String> flags, String script) throws Exception {
        Process process = builder(flags, script).start();
        process.getOutputStream().close();
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        Path log = dir.resolve("access.jsonl");
        return new Result(
                process.exitValue(),
                Files.readString(dir.resolve("out")),
                Files.readString(dir.resolve("err")),
                Files.exists(log) ? Files.readString(log) : "");
    }

    private ProcessBuilder builder(List<String> flags, String script) throws IOException {
        List<String> command = new ArrayList<>(List.of("env", "-i"));
        Map<String, String> environment = Map.of(
                "PATH", "/usr/sbin:/usr/bin:/sbin:/bin",
                "HOME", System.getProperty("user.home"),
                "JAVA_HOME", System.getProperty("java.home"),
                "ENVOY", Envoys.underTest().path().toString(),
                "SALLYPORT_CLASSPATH", System.getProperty("java.class.path"));
        environment.forEach((name, value) -> command.add(name + "=" + value));
        Stream.of(
                        List.of(LAUNCHER.toString(), "run", "--isolate", "--user", "nobody"),
                        List.of("--policy", dir.resolve("policy.yaml").toString()),
                        List.of("--secrets", dir.resolve("secrets").toString()),
                        List.of("--public-roots", dir.resolve("roots.pem").toString()),
                        List.of("--access-log", dir.resolve("access.jsonl").toString()),
                        flags,
                        Arrays.asList("--", "bash", "-c", script))
                .forEach(command::addAll);
        // From a directory that is there for everybody.
        return new ProcessBuilder(command)
                .directory(Path.of("/").toFile())
                .redirectOutput(dir.resolve("out").toFile())
                .redirectError(dir.resolve("err").toFile());
    }
}
