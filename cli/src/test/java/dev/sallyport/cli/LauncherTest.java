package dev.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher script, with a Maven and a Java that only write down how they were called. */
class LauncherTest {
    private static final Path LAUNCHER =
            Path.of("..", "sallyport").toAbsolutePath().normalize();

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit's
    private Path dir;

    private Path repository = Path.of("");
    private Path calls = Path.of("");
    private Path source = Path.of("");

    @BeforeEach
    void aRepositoryThatWasNeverBuilt() throws IOException {
        repository = Files.createDirectories(dir.resolve("a repository"));
        calls = dir.resolve("calls");
        Files.copy(LAUNCHER, repository.resolve("sallyport"));
        source =
                Files.createDirectories(repository.resolve("cli/src/main/java")).resolve("A.java");
        Files.writeString(source, "");
        Files.writeString(repository.resolve("pom.xml"), "");
        Files.writeString(repository.resolve("cli/pom.xml"), "");
        script("bin/mvn", "echo mvn \"$@\" >> '" + calls + "'; mkdir -p cli/target; : > cli/target/sallyport-cli.jar");
        script(
                "jdk/bin/java",
                "case \"$*\" in *Archive*ClassesAtExit*) exit 0;; esac; for a; do :; done; echo java \"$a\" >> '"
                        + calls + "'");
        script("jdk/bin/javac", "");
        Files.writeString(dir.resolve("jdk/release"), "JAVA_VERSION=\"17.0.9\"\n");
    }

    @Test
    void buildsOnFirstUseAndNotAgain() throws Exception {
        assertThat(launch("one").lines()).contains("sallyport: built");
        assertThat(launch("two")).isEmpty();
        assertThat(Files.readString(calls))
                .isEqualTo("mvn -B -ntp -pl cli -am -Dmaven.test.skip=true package\njava one\njava two\n");
    }

    @Test
    void buildsAgainWhenASourceIsNewerOrGone() throws Exception {
        launch("one");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(5)));
        assertThat(launch("two")).contains("sallyport: built");
        Files.setLastModifiedTime(source, FileTime.from(Instant.EPOCH));
        assertThat(launch("three")).isEmpty();
        Files.delete(source);
        Files.setLastModifiedTime(
                source.getParent(), FileTime.from(Instant.now().plusSeconds(5)));
        assertThat(launch("four")).contains("sallyport: built");
    }

    @Test
    void worksThroughALinkAndFromAnyDirectory() throws Exception {
        Path link = Files.createSymbolicLink(dir.resolve("link"), Path.of("a repository/sallyport"));
        assertThat(run(dir, Map.of(), link.toString(), "x")).contains("sallyport: built");
        assertThat(run(Path.of("/"), Map.of(), link.toString(), "y")).isEmpty();
    }

    @Test
    void saysWhichJavaIsTooOldOrMissing() throws Exception {
        Files.writeString(dir.resolve("jdk/release"), "JAVA_VERSION=\"11.0.2\"\n");
        assertThat(launch("x")).matches("sallyport: \\S+/jdk/bin/java is Java 11, but 17 or newer is needed\\. .*\\R");
        assertThat(run(dir, Map.of("JAVA_HOME", "/nowhere"), launcher(), "x"))
                .isEqualTo(
                        "sallyport: JAVA_HOME is /nowhere, but there is no /nowhere/bin/java. Point it at a Java 17 or newer, or unset it\n");
    }

    @Test
    void aBuildThatFailsShowsItsErrorsAndWhereTheRestIs() throws Exception {
        script("bin/mvn", "echo '[INFO] noise'; echo '[ERROR] A.java: no'; exit 1");
        assertThat(launch("x").lines())
                .contains("[ERROR] A.java: no")
                .doesNotContain("[INFO] noise")
                .last()
                .asString()
                .startsWith("sallyport: the build failed; all of its output is in ");
        assertThat(calls).doesNotExist();
    }

    private String launch(String argument) throws Exception {
        return run(dir, Map.of(), launcher(), argument);
    }

    private String launcher() {
        return repository.resolve("sallyport").toString();
    }

    private String run(Path from, Map<String, String> environment, String... command) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(List.of(command)).directory(from.toFile()).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("SALLYPORT_"));
        builder.environment().put("PATH", dir.resolve("bin") + ":" + System.getenv("PATH"));
        builder.environment().put("JAVA_HOME", dir.resolve("jdk").toString());
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return output;
    }

    private void script(String name, String body) throws IOException {
        Path file = dir.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
