package dev.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where isolation cannot hold there is no run: one line says what to do, the exit code is 125, the command does not start, and the machine is as before. */
@EndToEnd
@Tag(EndToEnd.ONE_ENVOY)
class IsolateRefusalsTest {
    private static final List<String> AS_NOBODY = List.of("--user", "nobody");

    @TempDir
    private Path dir;

    private IsolatedLauncher launcher;
    private String before = "";

    @BeforeEach
    void aMachine() throws IOException {
        Internet.get();
        launcher = new IsolatedLauncher(dir);
        before = Shell.machine();
    }

    @AfterEach
    void nothingIsLeftAndNothingRan() {
        assertThat(dir.resolve("up")).doesNotExist();
        assertThat(Shell.machine()).isEqualTo(before);
    }

    @Test
    @DisplayName("CAP-15 programs that are missing are named, all at once, with their packages")
    void missingPrograms() throws Exception {
        Path some = Files.createDirectory(dir.resolve("some"));
        for (String program :
                List.of("env", "sh", "dirname", "readlink", "sed", "head", "getent", "mount", "nsenter", "unshare")) {
            Files.createSymbolicLink(
                    some.resolve(program),
                    Path.of(Shell.here("sh", "-c", "command -v " + program).strip()));
        }
        assertRefused(
                launcher.runWith(some.toString()),
                "--isolate needs programs that are not installed: ip (Debian package iproute2), ip6tables (Debian package iptables), ip6tables-restore (Debian package iptables), iptables (Debian package iptables), iptables-restore (Debian package iptables), setpriv (Debian package util-linux)");
        Shell.here("rm", "-r", some.toString());
    }

    @Test
    @DisplayName("CAP-15 packet rules that the machine or the kernel cannot do, IPv4 or IPv6")
    void brokenPacketRules() throws Exception {
        String broken = "echo 'Could not fetch rule set generation id' >&2; exit 4";
        for (String program : List.of("iptables", "ip6tables-restore")) {
            launcher.replace(program, broken);
            assertRefused(
                    launcher.run("echo > " + dir + "/up"),
                    "failed with status 4: Could not fetch rule set generation id; packet rules for IPv4 and IPv6 are what isolates: see that 'iptables -S' and 'ip6tables -S' work as root (kernel modules nf_tables, or ip_tables and ip6_tables)");
            Files.delete(dir.resolve("bin").resolve(program));
        }
    }

    @Test
    @DisplayName("CAP-15 an ordinary user, and root without a capability that it takes")
    void missingRights() throws Exception {
        assertRefused(
                run(
                        List.of(
                                "setpriv",
                                "--reuid",
                                "65534",
                                "--clear-groups",
                                "--inh-caps=+dac_read_search",
                                "--ambient-caps=+dac_read_search"),
                        AS_NOBODY),
                "--isolate needs root");
        for (String capability : List.of("sys_admin", "net_admin")) {
            assertRefused(
                    run(List.of("setpriv", "--bounding-set=-" + capability, "--inh-caps=-" + capability), AS_NOBODY),
                    "--isolate needs root with CAP_SYS_ADMIN and CAP_NET_ADMIN");
        }
    }

    @Test
    @DisplayName("CAP-15, CAP-16 root and the users of sidecars do not run the command, nor somebody who is not known")
    void usersWhoCannotBeIsolated() throws Exception {
        for (String root : List.of("root", "0")) {
            assertRefused(run(List.of(), List.of("--user", root)), "--user " + root + ": root cannot be isolated");
        }
        for (String sidecar : List.of("1900000000", "1999999999")) {
            assertRefused(
                    run(List.of(), List.of("--user", sidecar)),
                    "--user " + sidecar + ": users 1900000000 to 1999999999 are sidecars, whose packets leave");
        }
        for (String nobody : List.of("4294967295", "-1", "no-such-user")) {
            assertRefused(run(List.of(), List.of("--user=" + nobody)), "--user " + nobody + ": no such user");
        }
        assertRefused(run(List.of(), List.of()), "name a user with --user");
    }

    private IsolatedLauncher.Result run(List<String> prefix, List<String> options) throws Exception {
        return launcher.run(prefix, options, "echo > " + dir + "/up");
    }

    private static void assertRefused(IsolatedLauncher.Result result, String text) {
        // A slow machine is told what it waits for.
        assertThat(result.err().lines().filter(line -> !line.equals("sallyport: waiting for the sidecar")))
                .singleElement()
                .asString()
                .startsWith("sallyport: ")
                .contains(text);
        assertThat(result.code()).isEqualTo(125);
    }
}
