package dev.sallyport.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RootSeedTest {
    @TempDir
    Path directory;

    @Test
    void makesAFileThatOnlyItsOwnerMayRead() throws IOException {
        Path file = directory.resolve("state/deep/root-seed");

        RootSeed made = RootSeed.loadOrCreate(file);

        assertThat(file).hasSize(RootSeed.LENGTH);
        assertThat(mode(file)).isEqualTo("rw-------");
        assertThat(mode(directory.resolve("state/deep"))).isEqualTo("rwx------");
        assertThat(mode(directory.resolve("state"))).isEqualTo("rwx------");
        assertThat(RootSeed.loadOrCreate(file).derive("a", 32)).isEqualTo(made.derive("a", 32));
        assertThat(RootSeed.of(Files.readAllBytes(file)).derive("a", 32)).isEqualTo(made.derive("a", 32));
    }

    @Test
    void leavesNothingBesideTheFile() throws IOException {
        RootSeed made = RootSeed.loadOrCreate(directory.resolve("root-seed"));

        assertThat(made).hasToString("***");
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(directory.resolve("root-seed"));
        }
    }

    @Test
    void startersAtTheSameTimeEndWithTheSameSeed() throws Exception {
        int starters = 8;
        ExecutorService threads = Executors.newFixedThreadPool(starters);
        try {
            for (int round = 0; round < 20; round++) {
                Path file = directory.resolve("seed-" + round);
                CyclicBarrier together = new CyclicBarrier(starters);
                List<Future<String>> seeds = new ArrayList<>();
                for (int i = 0; i < starters; i++) {
                    seeds.add(threads.submit(() -> {
                        together.await();
                        return HexFormat.of()
                                .formatHex(RootSeed.loadOrCreate(file).derive("a", 32));
                    }));
                }
                Set<String> different = new HashSet<>();
                for (Future<String> seed : seeds) {
                    different.add(seed.get());
                }
                assertThat(different).hasSize(1);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void refusesAFileThatOthersMayRead() throws IOException {
        Path file = Files.write(directory.resolve("root-seed"), new byte[RootSeed.LENGTH]);
        for (String mode : List.of("rw-r-----", "rw----r--", "rw--w----", "rwx-----x")) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));

            assertThatThrownBy(() -> RootSeed.loadOrCreate(file))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining(mode)
                    .hasMessageContaining("chmod 600 " + file);
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
        assertThat(RootSeed.loadOrCreate(file)).isNotNull();
    }

    @Test
    void refusesAFileOfAnotherLengthAndLeavesItAlone() throws IOException {
        for (int length : List.of(0, 31, 33)) {
            Path file = directory.resolve("root-seed-" + length);
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.write(file, new byte[length]);

            assertThatThrownBy(() -> RootSeed.loadOrCreate(file))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(length + " bytes (expected: 32)");
            assertThat(file).hasSize(length);
        }
        assertThatThrownBy(() -> RootSeed.loadOrCreate(directory)).hasMessageContaining("not a regular file");
        assertThatThrownBy(() -> RootSeed.of(new byte[16])).hasMessageContaining("16 bytes");
    }

    @Test
    void saysWhyAFileCannotBeMade() throws IOException {
        Path notADirectory = Files.createFile(directory.resolve("file"));

        assertThatThrownBy(() -> RootSeed.loadOrCreate(notADirectory.resolve("root-seed")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("root seed " + notADirectory.resolve("root-seed") + ": ")
                .hasMessageContaining("Not a directory");
    }

    @Test
    void derivesAsRfc5869Says() throws Exception {
        byte[] seed = new byte[RootSeed.LENGTH];
        seed[5] = 77;
        byte[] info = HexFormat.of().parseHex("00000003" + "61c3bc" + "00000001" + "62"); // "aü", "b"

        byte[] pseudoRandomKey = hmac("sallyport root seed 1".getBytes(StandardCharsets.US_ASCII), seed);
        byte[] first = hmac(pseudoRandomKey, concat(info, new byte[] {1}));
        byte[] second = hmac(pseudoRandomKey, concat(first, info, new byte[] {2}));

        assertThat(RootSeed.of(seed).derive("a\u00fc", 64, "b")).isEqualTo(concat(first, second));
    }

    @Test
    void keepsPurposesAndContextsApart() {
        RootSeed seed = Fixtures.SEED;
        Set<String> derived = new HashSet<>();
        derived.add(hex(seed.derive("p", 32)));
        derived.add(hex(seed.derive("p", 32, "")));
        derived.add(hex(seed.derive("p", 32, "ab", "c")));
        derived.add(hex(seed.derive("p", 32, "a", "bc")));
        derived.add(hex(seed.derive("p", 32, "abc")));
        derived.add(hex(seed.derive("pa", 32, "bc")));
        derived.add(hex(Fixtures.seed(2).derive("p", 32)));

        assertThat(derived).hasSize(7);
        assertThat(seed.derive("p", 32, "ab", "c")).isEqualTo(seed.derive("p", 32, "ab", "c"));
    }

    @Test
    void hashesWithAKeyThatBelongsToItsPurpose() {
        KeyedHash hash = Fixtures.SEED.hmac("revision");

        assertThat(hash).hasToString("***");
        String one = hash.begin().add("a").add("bc").hex();
        assertThat(one)
                .matches("[0-9a-f]{32}")
                .isEqualTo(hash.begin().add("a").add("bc").hex());
        assertThat(List.of(
                        hash.begin().add("ab").add("c").hex(),
                        hash.begin().add("abc").hex(),
                        Fixtures.SEED.hmac("version").begin().add("a").add("bc").hex(),
                        Fixtures.seed(2)
                                .hmac("revision")
                                .begin()
                                .add("a")
                                .add("bc")
                                .hex()))
                .doesNotContain(one)
                .doesNotHaveDuplicates();
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static byte[] hmac(byte[] key, byte[] message) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(message);
    }

    private static byte[] concat(byte[]... parts) {
        StringBuilder all = new StringBuilder();
        for (byte[] part : parts) {
            all.append(hex(part));
        }
        return HexFormat.of().parseHex(all);
    }
}
