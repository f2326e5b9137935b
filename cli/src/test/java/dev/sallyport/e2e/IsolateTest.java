package dev.sallyport.e2e;

import static dev.sallyport.testing.Eventually.eventually;
import static dev.sallyport.testing.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code ./sallyport run --isolate} from its first change of the machine to its last. What a hostile command can do in between is in the suites below; each guard has a control there that takes it away, from outside, and sees the
 * attack succeed.
 *
 * <table>
 * <caption>Guards, and the tests without them</caption>
 * <tr><th>case of CAP</th><th>guard</th><th>taken away by</th><th>test without it</th></tr>
 * <tr><td>01, 03</td><td>TCP goes to the capture listener</td><td>flushing the packet rules</td><td>{@code IsolatedCaptureTest.withoutRulesTheCommandConnectsByItself}</td></tr>
 * <tr><td>02</td><td>the sidecar takes the name, not the address</td><td>flushing the packet rules</td><td>the same</td></tr>
 * <tr><td>03, 04, 05</td><td>all else is rejected</td><td>flushing the packet rules</td><td>{@code IsolatedPacketsTest.withoutRulesTheCommandReachesEverything}, {@code withoutRulesRootReachesEverything}</td></tr>
 * <tr><td>04</td><td>no raw sockets</td><td>root with all capabilities</td><td>{@code IsolatedPacketsTest.withoutRulesRootReachesEverything}</td></tr>
 * <tr><td>06</td><td>loopback is left alone</td><td>deleting that rule</td><td>{@code IsolatedLoopbackTest.withoutItsRuleLoopbackIsCaptured}</td></tr>
 * <tr><td>07</td><td>the control plane is only for the sidecar's user</td><td>flushing the packet rules</td><td>{@code IsolatedLoopbackTest.theControlPlaneIsOutOfReach}</td></tr>
 * <tr><td>08</td><td>answers may leave</td><td>deleting that rule</td><td>{@code IsolatedLoopbackTest.withoutTheRuleForAnswersNobodyIsAnswered}</td></tr>
 * <tr><td>09</td><td>addresses inside are refused</td><td>{@code addresses: Any}, {@code resolveTo}</td><td>{@code OpenAddressesTest}</td></tr>
 * <tr><td>15</td><td>a mount namespace that hides files</td><td>reading them from outside</td><td>{@code IsolatedRightsTest.secretsDoNotExist}</td></tr>
 * <tr><td>16</td><td>no CAP_NET_RAW</td><td>root with all capabilities</td><td>{@code IsolatedRightsTest.packetSocketsAreRefused}</td></tr>
 * <tr><td>16</td><td>no CAP_SETUID</td><td>root with all capabilities</td><td>{@code IsolatedRightsTest.nobodyBecomesTheSidecar}</td></tr>
 * <tr><td>16</td><td>no_new_privs</td><td>a process without it</td><td>{@code IsolatedRightsTest.setUserIdHasNoEffect}</td></tr>
 * <tr><td>04 of HOS</td><td>a PID namespace; another user</td><td>looking from outside; as root</td><td>{@code SidecarSecretsTest.theirUserIsAnotherGuardAndRightsTakeBothAway}</td></tr>
 * </table>
 */
@EndToEnd
@Tag(EndToEnd.ONE_ENVOY)
class IsolateTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    /** Of a program that stands in for another: says that it was called, and waits to be let go. */
    private static final String WAIT =
            "echo > %1$s/called; while [ ! -e %1$s/go ]; do sleep 0.05; done; exec $real \"$@\"";

    @TempDir
    private Path dir;

    private IsolatedLauncher launcher;

    @BeforeEach
    void aMachine() throws IOException {
        Internet.get();
        launcher = new IsolatedLauncher(dir);
    }

    @Test
    @DisplayName("CAP-15 the machine is as before whatever the command leaves, and the exit code is the command's")
    void theMachineIsAsBeforeWhateverTheCommandLeaves() throws Exception {
        String before = Shell.machine();
        assertThat(launcher.run("setsid sleep 1000 & exit 9").code()).isEqualTo(9);
        assertThat(Shell.machine()).isEqualTo(before);
    }

    @Test
    @DisplayName(
            "CAP-15 a launcher that is killed takes command and sidecar with it, and the next one puts the machine right")
    void afterAKillTheNextRunPutsTheMachineRight() throws Exception {
        String before = Shell.machine();
        Process killed = launcher.start("echo up > " + dir + "/up; sleep 1000");
        within(PATIENCE, () -> assertThat(dir.resolve("up")).isNotEmptyFile());
        List<ProcessHandle> family = killed.descendants().toList();
        assertThat(family).hasSizeGreaterThan(3);
        killed.destroyForcibly();
        eventually(() -> assertThat(family).noneMatch(ProcessHandle::isAlive));
        assertThat(Shell.machine()).isNotEqualTo(before);
        assertThat(launcher.run("exit 0").code()).isZero();
        eventually(() -> assertThat(Shell.machine()).isEqualTo(before));
    }

    @Test
    @DisplayName("CAP-15 the command does not start before the last packet rule is in force")
    void nothingRunsBeforeTheRules() throws Exception {
        launcher.replace("ip6tables-restore", WAIT.formatted(dir));
        Process process = launcher.start("echo up > " + dir + "/up");
        within(PATIENCE, () -> assertThat(dir.resolve("called")).exists());
        assertThat(process.descendants().map(child -> child.info().commandLine().orElse("")))
                .as("the sidecar is there, the command is not")
                .anyMatch(line -> line.contains("envoy"))
                .noneMatch(line -> line.contains("/up"));
        assertThat(dir.resolve("up")).doesNotExist();
        Files.createFile(dir.resolve("go"));
        assertThat(launcher.result(process).code()).isZero();
        assertThat(dir.resolve("up")).exists();
    }

    @Test
    @DisplayName(
            "CAP-15 a signal during the set-up ends the run before the command starts, and the machine is as before")
    void aSignalDuringSetUpEndsTheRun() throws Exception {
        String before = Shell.machine();
        launcher.replace("ip6tables-restore", "kill -TERM $PPID; exec $real \"$@\"");
        assertThat(launcher.run("echo up > " + dir + "/up").code()).isEqualTo(143);
        assertThat(dir.resolve("up")).doesNotExist();
        assertThat(Shell.machine()).isEqualTo(before);
    }

    @Test
    @DisplayName(
            "CAP-15 a launcher that is killed during the set-up leaves no process, and the next one puts the machine right")
    void afterAKillDuringSetUpTheNextRunPutsTheMachineRight() throws Exception {
        String before = Shell.machine();
        launcher.replace("ip6tables-restore", WAIT.formatted(dir));
        Process killed = launcher.start("echo up > " + dir + "/up");
        within(PATIENCE, () -> assertThat(dir.resolve("called")).exists());
        List<ProcessHandle> family = killed.descendants().toList();
        killed.destroyForcibly();
        assertThat(killed.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        Files.createFile(dir.resolve("go"));
        eventually(() -> assertThat(family).noneMatch(ProcessHandle::isAlive));
        assertThat(launcher.run("exit 0").code()).isZero();
        assertThat(dir.resolve("up")).doesNotExist();
        eventually(() -> assertThat(Shell.machine()).isEqualTo(before));
    }
}
