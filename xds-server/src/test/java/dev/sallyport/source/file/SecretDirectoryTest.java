package dev.sallyport.source.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.credential.CredentialLookup;
import dev.sallyport.credential.CredentialLookup.Found;
import dev.sallyport.credential.CredentialLookup.Missing;
import dev.sallyport.credential.CredentialValue;
import dev.sallyport.credential.StoredSecret;
import dev.sallyport.credential.StoredSecrets;
import dev.sallyport.policy.SecretKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretDirectoryTest {
    private static final int KEPT_GENERATIONS = 50;

    @TempDir
    Path temporary;

    private Path root;
    private ObjectDirectory<StoredSecret> directory;
    private ObjectDirectory.Reading<StoredSecret> reading;

    @BeforeEach
    void makeDirectory() throws IOException {
        root = Files.createDirectory(temporary.resolve("secrets"));
        directory = SecretDirectory.of(root);
        reading = directory.read();
    }

    @Test
    void findsOneFileAKeyForEveryNamespace() throws IOException {
        write("api/token", "sk-1");
        read();
        assertThat(find("agents", "api", "token")).isEqualTo(found("sk-1"));
        assertThat(find("default", "api", "token")).isEqualTo(found("sk-1"));
        assertThat(find("agents", "api", "other")).isEqualTo(new Missing("Secret agents/api has no key other"));
        assertThat(find("agents", "none", "token")).isEqualTo(new Missing("Secret agents/none does not exist"));
        assertThat(reading.problems()).isEmpty();
    }

    @Test
    void keepsBytesAsTheyAre() throws IOException {
        byte[] bytes = {0, (byte) 0xff, '\n'};
        Files.createDirectory(root.resolve("api"));
        Files.write(root.resolve("api/token"), bytes);
        read();
        assertThat(find("agents", "api", "token")).isEqualTo(new Found(CredentialValue.of(bytes)));
    }

    @Test
    @DisplayName("SEC-12 a link inside the directory works, one that leaves it does not")
    void followsLinksOnlyInside() throws IOException {
        write("shared/value", "sk-1");
        Files.writeString(temporary.resolve("outside"), "sk-outside");
        Files.createDirectory(root.resolve("api"));
        Files.createSymbolicLink(root.resolve("api/inside"), Path.of("../shared/value"));
        Files.createSymbolicLink(root.resolve("api/outside"), temporary.resolve("outside"));
        Files.createSymbolicLink(root.resolve("api/hop"), Path.of("outside"));
        read();
        assertThat(find("agents", "api", "inside")).isEqualTo(found("sk-1"));
        assertThat(reason("api", "outside")).contains("leaves the directory");
        assertThat(reason("api", "hop")).contains("leaves the directory");
        assertThat(reading.problems()).hasSize(2).allMatch(problem -> problem.contains("leaves the directory"));
    }

    @Test
    @DisplayName("SEC-12 a directory of a Secret that is a link to the outside is skipped")
    void skipsSecretsThatLeaveTheDirectory() throws IOException {
        Files.createDirectory(temporary.resolve("elsewhere"));
        Files.writeString(temporary.resolve("elsewhere/token"), "sk-outside");
        Files.createSymbolicLink(root.resolve("api"), temporary.resolve("elsewhere"));
        read();
        assertThat(find("agents", "api", "token")).isInstanceOf(Missing.class);
        assertThat(reading.problems()).singleElement().asString().contains("leaves");
    }

    @Test
    @DisplayName("SEC-13 the layout of Kubernetes volumes: keys are links through ..data, which is switched atomically")
    void readsKubernetesVolumes() throws IOException {
        Path secret = Files.createDirectory(root.resolve("api"));
        generation(secret, "..2026_01_01", "sk-1", "one");
        switchTo(secret, "..2026_01_01");
        Files.createSymbolicLink(secret.resolve("token"), Path.of("..data/token"));
        Files.createSymbolicLink(secret.resolve("user"), Path.of("..data/user"));
        read();
        assertThat(find("agents", "api", "token")).isEqualTo(found("sk-1"));
        assertThat(find("agents", "api", "user")).isEqualTo(found("one"));
        assertThat(reading.objects().get("api")).hasToString("Secret with [token, user]");

        generation(secret, "..2026_01_02", "sk-2", "two");
        switchTo(secret, "..2026_01_02");
        read();
        assertThat(find("agents", "api", "token")).isEqualTo(found("sk-2"));
        assertThat(find("agents", "api", "user")).isEqualTo(found("two"));
        assertThat(reading.problems()).isEmpty();
    }

    @Test
    @DisplayName("FAULT-12 a Secret that is switched while it is read is old or new, never half of each")
    void neverMixesGenerations() throws Exception {
        Path secret = Files.createDirectory(root.resolve("api"));
        generation(secret, "..0", "0", "0");
        switchTo(secret, "..0");
        Files.createSymbolicLink(secret.resolve("token"), Path.of("..data/token"));
        Files.createSymbolicLink(secret.resolve("user"), Path.of("..data/user"));
        Thread switcher = new Thread(() -> switchOften(secret));
        switcher.start();
        try {
            int complete = 0;
            while (switcher.isAlive()) {
                read();
                assertThat(find("agents", "api", "token")).isEqualTo(find("agents", "api", "user"));
                complete += find("agents", "api", "token") instanceof Found ? 1 : 0;
            }
            assertThat(complete).isPositive();
        } finally {
            switcher.join();
        }
    }

    @Test
    @DisplayName("SEC-14 a directory that does not exist yet is no Secrets, and read when it is there")
    void readsADirectoryThatIsMadeLater() throws IOException {
        Files.delete(root);
        read();
        assertThat(reading.objects()).isEmpty();
        assertThat(reading.problems()).singleElement().asString().contains("no such directory");
        write("api/token", "sk-1");
        read();
        assertThat(find("agents", "api", "token")).isEqualTo(found("sk-1"));
    }

    @Test
    @DisplayName("SEC-15 a Secret of which a file cannot be read keeps all of its last good values")
    void keepsTheLastGoodSecret() throws IOException {
        write("api/token", "sk-1");
        write("api/user", "one");
        write("other/token", "sk-3");
        read();
        write("api/token", "sk-2");
        write("other/token", "sk-4");
        unreadable("api/user");
        read();
        assertThat(find("agents", "api", "token")).isEqualTo(found("sk-1"));
        assertThat(find("agents", "api", "user")).isEqualTo(found("one"));
        assertThat(find("agents", "other", "token")).isEqualTo(found("sk-4"));
        assertThat(reading.problems()).singleElement().asString().contains("api/user", "the last good values are kept");

        write("api/user", "two");
        read();
        assertThat(find("agents", "api", "token")).isEqualTo(found("sk-2"));
        assertThat(reading.problems()).isEmpty();
    }

    @Test
    @DisplayName("SEC-15 a directory that cannot be listed keeps all of its last good values")
    void keepsTheLastGoodDirectory() throws IOException {
        write("api/token", "sk-1");
        read();
        Files.move(root, temporary.resolve("moved"));
        Files.writeString(root, "not a directory any more");
        read();
        assertThat(find("agents", "api", "token")).isEqualTo(found("sk-1"));
        assertThat(reading.problems()).singleElement().asString().contains("the last good values are kept");
    }

    @Test
    void refusesASecretThatWasNeverReadable() throws IOException {
        write("api/user", "one");
        unreadable("api/token");
        read();
        assertThat(reason("api", "user")).contains("cannot be used", "api/token");
    }

    @Test
    @DisplayName("SEC-08 a deleted file, Secret or directory is gone: no last good value takes its place")
    void forgetsWhatWasDeleted() throws IOException {
        write("api/token", "sk-1");
        write("api/user", "one");
        write("other/token", "sk-2");
        read();
        Files.delete(root.resolve("api/token"));
        Files.delete(root.resolve("other/token"));
        Files.delete(root.resolve("other"));
        read();
        assertThat(find("agents", "api", "token")).isInstanceOf(Missing.class);
        assertThat(find("agents", "api", "user")).isEqualTo(found("one"));
        assertThat(find("agents", "other", "token")).isInstanceOf(Missing.class);
        Files.move(root, temporary.resolve("moved"));
        read();
        assertThat(find("agents", "api", "user")).isInstanceOf(Missing.class);
    }

    @Test
    void doesNotWaitForPipes() throws Exception {
        Files.createDirectory(root.resolve("api"));
        Process mkfifo = new ProcessBuilder("mkfifo", root.resolve("api/token").toString()).start();
        assertThat(mkfifo.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(mkfifo.exitValue()).isZero();
        read();
        assertThat(reason("api", "token")).contains("not a regular file");
    }

    @Test
    void takesOneMebibyteAndNotAByteMore() throws IOException {
        write("api/most", "x".repeat(1 << 20));
        write("api/more", "x".repeat((1 << 20) + 1));
        read();
        assertThat(find("agents", "api", "most")).isInstanceOf(Found.class);
        assertThat(reason("api", "more")).contains("1048577 bytes", "at most 1 MiB");
    }

    @Test
    void skipsDotfilesSilentlyAndNamesThatNobodyCanReferTo() throws IOException {
        write("api/.token.swp", "sk-1");
        write(".git/config", "sk-2");
        write("Bad_Name/token", "sk-3");
        write("api/bad key", "sk-4");
        write("api/token", "sk-5");
        Files.writeString(root.resolve("token"), "sk-6");
        read();
        assertThat(reading.objects()).containsOnlyKeys("api");
        assertThat(reading.objects().get("api")).hasToString("Secret with [token]");
        assertThat(reading.problems())
                .hasSize(3)
                .anyMatch(problem -> problem.contains("Bad_Name"))
                .anyMatch(problem -> problem.contains("bad key"))
                .anyMatch(problem -> problem.contains("secrets/token: not a directory"));
    }

    @Test
    void takesALinkToNothingForADeletedFile() throws IOException {
        write("api/user", "one");
        Files.createSymbolicLink(root.resolve("api/token"), Path.of("nowhere"));
        read();
        assertThat(reason("api", "token")).contains("leads to nothing");
        assertThat(find("agents", "api", "user")).isEqualTo(found("one"));
    }

    @Test
    void printsNoValue() throws IOException {
        write("api/token", "sk-never-printed");
        read();
        assertThat(reading.toString() + find("agents", "api", "token")).doesNotContain("sk-never-printed");
    }

    /** A link to itself cannot be read by anybody, not even by root. */
    private void unreadable(String file) throws IOException {
        Path path = root.resolve(file);
        Files.deleteIfExists(path);
        Files.createSymbolicLink(path, path.getFileName());
    }

    private static void generation(Path secret, String name, String token, String user) throws IOException {
        Path generation = Files.createDirectory(secret.resolve(name));
        Files.writeString(generation.resolve("token"), token);
        Files.writeString(generation.resolve("user"), user);
    }

    private static void switchTo(Path secret, String generation) throws IOException {
        Path temporary = secret.resolve("..data_tmp");
        Files.createSymbolicLink(temporary, Path.of(generation));
        Files.move(temporary, secret.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    }

    /** As a kubelet does it, but in a hurry: the new directory, the switch, and old directories are removed some time later. */
    private static void switchOften(Path secret) {
        try {
            for (int i = 1; i <= 500; i++) {
                generation(secret, ".." + i, "v" + i, "v" + i);
                switchTo(secret, ".." + i);
                if (i > KEPT_GENERATIONS) {
                    Path old = secret.resolve(".." + (i - KEPT_GENERATIONS));
                    Files.delete(old.resolve("token"));
                    Files.delete(old.resolve("user"));
                    Files.delete(old);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(String file, String content) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.deleteIfExists(path);
        Files.writeString(path, content);
    }

    private void read() {
        reading = directory.read();
    }

    private CredentialLookup find(String namespace, String name, String key) {
        return StoredSecrets.of(Map.of(), reading.objects())
                .find(namespace, new SecretKey(name, key), "api.example.com");
    }

    private String reason(String name, String key) {
        return ((Missing) find("agents", name, key)).reason();
    }

    private static Found found(String value) {
        return new Found(CredentialValue.ofText(value));
    }
}
