package dev.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Rights and files that an isolated command has not, and what each would be good for. */
@EndToEnd
@Tag(EndToEnd.ONE_ENVOY)
class IsolatedRightsTest {
    private static final String TARGET = "203.0.113.7";
    private static final String PACKET = "6 " + TARGET + ":8080";
    private static final String DIAL = "bash -c 'echo x > /dev/tcp/" + TARGET + "/8080'";

    private static FarHost far;
    private static IsolatedShell shell;
    private static Wire wire;

    @BeforeAll
    static void start() throws IOException {
        far = FarHost.start();
        shell = IsolatedShell.start();
        wire = Wire.of(shell);
    }

    @AfterAll
    static void end() throws IOException {
        wire.close();
        shell.close();
        far.close();
    }

    @Test
    @DisplayName("CAP-15 the command has no capability, no way to new ones, and no open file of the launcher's")
    void theCommandHasNoRights() {
        assertThat(shell.run("grep -E 'Cap|NoNewPrivs|^Groups' /proc/self/status | tr -s '\\t ' ' '")
                        .lines()
                        .map(String::strip))
                .containsExactly(
                        "Groups:",
                        "CapInh: 0000000000000000",
                        "CapPrm: 0000000000000000",
                        "CapEff: 0000000000000000",
                        "CapBnd: 0000000000000000",
                        "CapAmb: 0000000000000000",
                        "NoNewPrivs: 1",
                        "");
        assertThat(shell.run("sh -c 'ls /proc/$$/fd' | tr '\\n' ' '")).startsWith("0 1 2 ");
    }

    @Test
    @DisplayName(
            "CAP-15 seed, token, Secrets and policy do not exist for the command; without the mount namespace they can be read")
    void secretsDoNotExist() {
        String secrets = Stream.of("secrets/api/token", "state/seed", "state/tokens/agents/p/token", "policy.yaml")
                .map(name -> shell.files().resolve(name).toString())
                .reduce("", (all, one) -> all + " " + one);
        String read = "wc -c" + secrets + " 2> /dev/null | grep -cv -e total -e '^ *0 '";
        assertThat(shell.run("cat " + shell.files().resolve("roots.pem") + " | head -1"))
                .contains("BEGIN CERTIFICATE");
        assertThat(shell.run(read)).startsWith("0");
        assertThat(shell.run("umount " + shell.files().resolve("secrets")
                        + " 2> /dev/null; unshare --user --map-root-user --mount umount "
                        + shell.files().resolve("secrets") + " 2> /dev/null; " + read))
                .startsWith("0");
        assertThat(shell.run("ls -A /run /run/sallyport /dev/shm | tr -s '\\n' ' '"))
                .startsWith("/dev/shm: /run: lock sallyport /run/sallyport: trust ");
        assertThat(Shell.here("sh", "-c", read)).isEqualTo("4\n");
    }

    @Test
    @DisplayName("CAP-15 the command cannot enter the machine's namespaces or make the network its own")
    void namespacesAreClosed() {
        String attack = """
                nsenter --net=/proc/1/ns/net ip link set eth0 down && echo joined
                unshare --net true && echo unshared
                ip link set eth0 down && echo down
                unshare --user --map-root-user ip link set eth0 down && echo down in a user namespace
                iptables -F && echo flushed
                unshare --user --map-root-user iptables -F && echo flushed in a user namespace
                """;
        assertThat(shell.run("( " + attack + " ) 2> /dev/null")).isBlank();
        assertThat(Shell.here(
                        shell.inNetwork(
                                "bash",
                                "-c",
                                "unshare --net true && echo unshared; iptables -L > /dev/null && echo looked"),
                        ""))
                .isEqualTo("unshared\nlooked\n");
    }

    @Test
    @DisplayName(
            "CAP-16 packet and raw sockets are refused, in a user namespace too; with the capability a frame passes the packet rules by")
    void packetSocketsAreRefused() {
        String frame = "python3 packets.py frame eth0 " + TARGET;
        String raw =
                "python3 -c 'import socket; [socket.socket(f, socket.SOCK_RAW, 255) for f in (socket.AF_INET, socket.AF_INET6)]; print(\"raw\")'";
        for (String prefix : List.of("", "unshare --user --map-root-user ")) {
            List<String> packets = wire.during(
                    () -> assertThat(shell.run(prefix + frame + "; " + prefix + raw))
                            .contains("PermissionError")
                            .doesNotContain("raw\n"),
                    List.of(TARGET));
            assertThat(packets).as(prefix).isEmpty();
        }
        assertThat(wire.during(() -> shell.asRoot("frame", "eth0", TARGET), List.of(TARGET)))
                .containsExactly("17 " + TARGET + ":4444");
    }

    @Test
    @DisplayName("CAP-16 the command cannot become the sidecar's user; who can is let out")
    void nobodyBecomesTheSidecar() {
        String uid = Integer.toString(shell.sidecarUid());
        assertThat(wire.during(
                        () -> assertThat(shell.run("python3 -c 'import os; os.setuid(" + uid + ")'; "
                                        + "unshare --user --map-root-user setpriv --reuid " + uid + " " + DIAL))
                                .contains("PermissionError"),
                        List.of(TARGET)))
                .isEmpty();
        assertThat(wire.during(() -> attempt("setpriv", "--reuid", uid, "bash", "-c", DIAL), List.of(TARGET)))
                .contains(PACKET);
    }

    @Test
    @DisplayName(
            "CAP-16 a set-user-ID copy of a program owned by the sidecar's user has no effect; without no_new_privs it is let out")
    void setUserIdHasNoEffect() {
        String copy = shell.work().resolve("copy").toString();
        Shell.here(
                "cp", Shell.here("sh", "-c", "readlink -f $(command -v bash)").strip(), copy);
        Shell.here("chown", Integer.toString(shell.sidecarUid()), copy);
        Shell.here("chmod", "4755", copy);
        String dial = copy + " -p -c 'echo x > /dev/tcp/" + TARGET + "/8080'";
        assertThat(wire.during(() -> shell.run(dial), List.of(TARGET))).isEmpty();
        assertThat(wire.during(
                        () -> attempt("setpriv", "--reuid", "nobody", "--clear-groups", "sh", "-c", dial),
                        List.of(TARGET)))
                .contains(PACKET);
    }

    private static void attempt(String... command) {
        Shell.attempt(new ArrayList<>(shell.inNetwork(command)), "");
    }
}
