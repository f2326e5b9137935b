package dev.sallyport.image;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.image.UnpackedImage.Result;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The image that this build wrote, unpacked and run. */
class ImageTest {
    private static final Path BASE = Path.of(System.getProperty("basedir", ".")).toAbsolutePath();
    private static final Path ARCHIVE = BASE.resolve("target/sallyport-image.tar");
    private static final Pattern METRICS = Pattern.compile("metrics on port (\\d+)");

    @TempDir
    private static Path dir;

    private static UnpackedImage image;

    @BeforeAll
    static void unpack() throws IOException, InterruptedException {
        assertThat(ARCHIVE).as("built by Maven's phase package").isRegularFile();
        image = UnpackedImage.of(ARCHIVE, dir);
    }

    @Test
    void isTheImageThatTheManifestsName() throws IOException {
        String tag = image.manifest().get("RepoTags").get(0).asText();
        assertThat(image.manifest().get("RepoTags")).hasSize(1);
        assertThat(Files.readString(BASE.resolve("../manifests/system/xds-server.yaml")))
                .contains("\n        image: " + tag + "\n");
    }

    @Test
    void runsAsAnOrdinaryUserAndShowsItsHelp() {
        assertThat(image.config().get("config").get("User").asText()).isEqualTo("65532:65532");
        assertThat(image.config().get("config").get("Cmd").get(0).asText()).isEqualTo("--help");
        assertThat(image.config().get("os").asText()).isEqualTo("linux");
        assertThat(image.config().get("created").asText()).isEqualTo("1970-01-01T00:00:00Z");
    }

    @Test
    void commandsRunWithTheClassDataOnAReadOnlyRoot() throws IOException, InterruptedException {
        Result version = image.run("-Xshare:on", "--version");
        assertThat(version.output()).startsWith("sallyport ");
        assertThat(version.code()).isZero();
        Result help = image.run("-Xshare:on", "xds-server", "--help");
        assertThat(help.output()).contains("--kubernetes", "--metrics");
        assertThat(help.code()).isZero();
    }

    @Test
    void aServerStartsWithTheClassDataAndEndsInOrder() throws Exception {
        List<String> lines = new CopyOnWriteArrayList<>();
        Process process =
                server(lines, "-Xshare:on -Xlog:class+load:stdout", "--policies=/tmp/none", "--state=/tmp/state");
        try {
            eventually(() -> assertThat(readyz(lines)).isEqualTo("ok\n"));
            process.toHandle().destroy();
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue()).isZero();
            List<String> classes =
                    lines.stream().filter(line -> line.contains(" source: ")).toList();
            assertThat(classes).hasSizeGreaterThan(3_000);
            assertThat(classes.stream().filter(line -> !line.contains("source: shared objects file")))
                    .as("classes that are not in the class data")
                    .hasSizeLessThan(classes.size() / 5);
        } finally {
            process.toHandle().destroyForcibly();
        }
    }

    @Test
    void whatIsNeededToTalkToAnApiServerIsInTheRuntime() throws Exception {
        Path kubeconfig = Files.writeString(image.root().resolve("etc/kubeconfig"), """
                apiVersion: v1
                kind: Config
                current-context: c
                contexts: [{name: c, context: {cluster: c, user: u}}]
                clusters: [{name: c, cluster: {server: "https://127.0.0.1:9"}}]
                users: [{name: u, user: {token: t}}]
                """);
        List<String> lines = new CopyOnWriteArrayList<>();
        Process process = server(lines, "", "--kubernetes", "--kubeconfig=/etc/kubeconfig");
        try {
            eventually(() -> assertThat(readyz(lines)).contains("no answer (").doesNotContain("Error)"));
        } finally {
            process.toHandle().destroyForcibly();
            Files.delete(kubeconfig);
        }
    }

    @Test
    void classDataOfOtherJarsIsNotUsed() throws IOException, InterruptedException {
        Path jar = image.root().resolve("opt/sallyport/sallyport.jar");
        Files.setLastModifiedTime(jar, FileTime.from(Instant.ofEpochSecond(2)));
        try {
            assertThat(image.run("-Xshare:on", "--version").code()).isNotZero();
            assertThat(image.run("", "--version").code()).isZero();
        } finally {
            Files.setLastModifiedTime(jar, FileTime.from(StagedRoot.TIME));
        }
    }

    @Test
    void startsWhereCoreDumpsAreForbiddenAlready() throws IOException, InterruptedException {
        Result result = image.run(List.of("prlimit", "--core=0:0"), "", "--version");
        assertThat(result.code()).as(result.output()).isZero();
    }

    @Test
    void nothingInItMayBeChangedByWhoRunsIt() throws IOException {
        Set<PosixFilePermission> others = Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);
        try (Stream<Path> files = Files.walk(image.root())) {
            for (Path file : files.filter(file -> !file.endsWith("tmp")).toList()) {
                assertThat(Files.getPosixFilePermissions(file))
                        .as(file.toString())
                        .doesNotContainAnyElementsOf(others);
                assertThat((int) Files.getAttribute(file, "unix:uid"))
                        .as(file.toString())
                        .isZero();
                assertThat((int) Files.getAttribute(file, "unix:mode") & 06000)
                        .as(file.toString())
                        .isZero();
                assertThat(Files.isSymbolicLink(file)).as(file.toString()).isFalse();
            }
        }
    }

    @Test
    void nothingInItNamesTheMachineThatBuiltIt() throws IOException, InterruptedException {
        for (String path : List.of(BASE.resolve("..").toRealPath().toString(), System.getProperty("java.home"))) {
            Process grep = new ProcessBuilder("grep", "-rlF", path, image.root().toString())
                    .redirectErrorStream(true)
                    .start();
            assertThat(new String(grep.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .as(path)
                    .isEmpty();
            assertThat(grep.waitFor()).isEqualTo(1);
        }
    }

    /** What it prints becomes {@code lines}. */
    private static Process server(List<String> lines, String javaOptions, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("xds-server", "--listen=127.0.0.1:0", "--metrics=127.0.0.1:0"));
        all.addAll(List.of(arguments));
        Process process = image.start(javaOptions, all.toArray(String[]::new));
        Thread reader = new Thread(
                () -> process.inputReader(StandardCharsets.UTF_8).lines().forEach(lines::add), "output of the server");
        reader.setDaemon(true);
        reader.start();
        return process;
    }

    private static String readyz(List<String> lines) {
        int port = lines.stream()
                .map(METRICS::matcher)
                .filter(Matcher::find)
                .map(matcher -> Integer.parseInt(matcher.group(1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no metrics yet:\n" + String.join("\n", lines)));
        try {
            URI uri = URI.create("http://127.0.0.1:" + port + "/readyz");
            return HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
