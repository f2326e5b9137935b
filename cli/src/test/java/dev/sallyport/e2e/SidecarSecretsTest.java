package dev.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testing.Envoys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the command can take from the processes of the sidecar and of the control plane: environment, memory, files, and by tracing them. Nothing when it is isolated; without, all that the system allows among processes of one user. */
@EndToEnd
@Tag(EndToEnd.ONE_ENVOY)
class SidecarSecretsTest {
    private static final Path PRY =
            Path.of("src", "test", "isolation", "pry.py").toAbsolutePath();
    private static final List<String> THINGS = List.of("environ", "maps", "mem", "root", "cwd", "fd", "trace");
    private static final List<String> AS_NOBODY =
            List.of("setpriv", "--reuid", "nobody", "--regid", "65534", "--clear-groups");

    @TempDir
    private Path dir;

    private static IsolatedShell shell;

    @BeforeAll
    static void start() throws IOException {
        shell = IsolatedShell.start();
        Files.copy(PRY, shell.work().resolve("pry.py"));
    }

    @AfterAll
    static void end() throws IOException {
        shell.close();
    }

    @Test
    @DisplayName(
            "HOS-04 an isolated command gets nothing of the sidecar's process and of the control plane's, and cannot trace them or join their network")
    void isolatedItGetsNothing() {
        String pids = shell.sidecar() + " " + shell.controlPlane();
        assertThat(shell.run("python3 pry.py " + pids + " 2> /dev/null")).isBlank();
        assertThat(shell.run("python3 pry.py " + pids + " 2>&1 | grep -cE 'Errno [23]]'")
                        .strip())
                .isEqualTo("16");
    }

    @Test
    @DisplayName(
            "HOS-04, CAP-17 even where it sees the processes the other user gets nothing; with the rights taken back root gets all of it")
    void theirUserIsAnotherGuardAndRightsTakeBothAway() {
        List<String> pids = List.of(Long.toString(shell.sidecar()), Long.toString(shell.controlPlane()));
        String asNobody = Shell.attempt(pry(AS_NOBODY, shell.work().resolve("pry.py"), pids), "")
                .text();
        assertThat(asNobody.lines())
                .isNotEmpty()
                .allMatch(line -> line.contains("Errno 13") || line.contains("Errno 1]"));
        assertThat(Shell.here(pry(List.of(), PRY, pids), "").lines())
                .containsAll(all(pids, THINGS))
                .containsAll(all(pids, List.of("join")));
    }

    @Test
    @DisplayName("HOS-08 neither the sidecar of an isolated command nor its control plane may dump core")
    void noCoreDump() {
        assertThat(Shell.here("grep", "-h", "Max core", "/proc/" + shell.sidecar() + "/limits"))
                .matches("Max core file size +[01] +[01] +bytes *\\n");
        assertThat(Shell.here("grep", "-h", "Max core", "/proc/" + shell.controlPlane() + "/limits"))
                .matches("Max core file size +[01] .*\\n");
    }

    @Test
    @DisplayName(
            "HOS-04 without isolation the command gets all of it, as root and as an ordinary user: THREAT-MODEL.md says so")
    void withoutIsolationProcessesOfOneUserAreOpenToEachOther() throws IOException {
        for (List<String> user : List.of(List.<String>of(), ordinary())) {
            List<String> command = new ArrayList<>(user);
            command.addAll(plain("""
                    for pid in $(cat /proc/$PPID/task/*/children); do [ $pid = $$ ] || sidecar=$pid; done
                    exec python3 "$0" $sidecar $PPID 2> /dev/null
                    """));
            assertThat(Shell.here(command, "").lines())
                    .as("as %s", user)
                    .filteredOn(line -> THINGS.contains(line.replaceFirst("^\\d+ ", "")))
                    .hasSize(2 * THINGS.size());
        }
    }

    /** Without {@code --isolate}. */
    private List<String> plain(String script) throws IOException {
        Path policy = Files.writeString(
                dir.resolve("policy.yaml"), Machine.P + "---\n" + Machine.secret("api", "token", Machine.KEY));
        Path runtime = Files.createTempDirectory(dir, "runtime-");
        Shell.here("chmod", "a+rwx", dir.toString(), runtime.toString());
        List<String> command = new ArrayList<>(RunShell.command(
                dir, List.of("run", "--policy", policy.toString(), "--", "sh", "-c", script, PRY.toString())));
        // The tests' own may be where only root can go.
        Path envoy =
                Files.copy(Envoys.underTest().path(), runtime.resolve("envoy"), StandardCopyOption.COPY_ATTRIBUTES);
        command.replaceAll(word -> word.startsWith("ENVOY=") ? "ENVOY=" + envoy : word);
        command.add(2, "XDG_RUNTIME_DIR=" + runtime);
        return command;
    }

    /** Of another's files it may read all, because those of the tests are where only root can go. */
    private static List<String> ordinary() {
        List<String> user = new ArrayList<>(AS_NOBODY);
        user.addAll(List.of("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"));
        return user;
    }

    private static List<String> pry(List<String> user, Path program, List<String> pids) {
        return Stream.of(user, List.of("env", "python3", program.toString()), pids)
                .flatMap(List::stream)
                .toList();
    }

    private static List<String> all(List<String> pids, List<String> things) {
        return pids.stream()
                .flatMap(pid -> things.stream().map(thing -> pid + " " + thing))
                .toList();
    }
}
