package dev.sallyport.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnsignedJarTest {
    private static final String MANIFEST = """
            Manifest-Version: 1.0\r
            Multi-Release: true\r
            \r
            Name: a/B.class\r
            SHA-256-Digest: AAAA\r
            \r
            """;

    @TempDir
    private Path dir;

    @Test
    void keepsEverythingButTheSignature() throws IOException {
        Path signed =
                jar("META-INF/MANIFEST.MF", "META-INF/X.SF", "META-INF/X.RSA", "META-INF/services/s", "a/B.class");
        assertThat(UnsignedJar.isSigned(signed)).isTrue();
        Path unsigned = dir.resolve("unsigned.jar");
        UnsignedJar.write(signed, unsigned);
        assertThat(UnsignedJar.isSigned(unsigned)).isFalse();
        try (JarFile file = new JarFile(unsigned.toFile())) {
            assertThat(file.stream().map(ZipEntry::getName))
                    .containsExactly("META-INF/MANIFEST.MF", "META-INF/services/s", "a/B.class");
            assertThat(file.getManifest().getEntries()).isEmpty();
            assertThat(file.isMultiRelease()).isTrue();
            assertThat(file.getInputStream(file.getEntry("a/B.class"))).hasContent("a/B.class");
        }
    }

    @Test
    void equalJarsGiveEqualOnes() throws IOException {
        Path signed = jar("META-INF/MANIFEST.MF", "META-INF/X.SF", "a/B.class");
        UnsignedJar.write(signed, dir.resolve("one.jar"));
        UnsignedJar.write(signed, dir.resolve("two.jar"));
        assertThat(dir.resolve("one.jar")).hasSameBinaryContentAs(dir.resolve("two.jar"));
    }

    private Path jar(String... names) throws IOException {
        Path jar = dir.resolve("signed.jar");
        try (OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (String name : names) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write((name.endsWith("MF") ? MANIFEST : name).getBytes(StandardCharsets.UTF_8));
                zip.closeEntry();
            }
        }
        return jar;
    }
}
