package dev.sallyport.pki;

import static dev.sallyport.pki.Fixtures.SEED;
import static dev.sallyport.pki.Fixtures.WORKLOAD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.testing.TestClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublicRootsTest {
    @TempDir
    Path directory;

    private final String ca = new WorkloadCas(SEED, TestClock.at("2026-11-21T12:00:00Z"))
            .current(WORKLOAD)
            .pem();

    @Test
    void takesTheFileThatIsNamed() throws IOException {
        Path file = Files.writeString(directory.resolve("roots.pem"), ca + ca + "-----BEGIN X509 CRL-----\n");

        PublicRoots roots = PublicRoots.load(Optional.of(file));

        assertThat(roots.pem()).isEqualTo(ca);
        assertThat(roots.size()).isEqualTo(1);
        assertThat(roots.origin()).isEqualTo(file.toString());
        assertThat(roots.problems()).containsExactly(file + ", block 3: no line -----END X509 CRL-----");
    }

    @Test
    void aNamedFileWithoutCertificatesIsAnError() throws IOException {
        Path empty = Files.createFile(directory.resolve("empty.pem"));
        Path broken = Files.writeString(directory.resolve("broken.pem"), ca.replace("-----END", "-----"));

        assertThatThrownBy(() -> PublicRoots.load(Optional.of(empty)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(empty + ": no CA certificate in it");
        assertThatThrownBy(() -> PublicRoots.load(Optional.of(broken))).hasMessageContaining(broken + ", block 1");
        assertThatThrownBy(() -> PublicRoots.load(Optional.of(directory.resolve("none.pem"))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("none.pem: no file that can be read");
        assertThatThrownBy(() -> PublicRoots.load(Optional.of(directory)))
                .hasMessageContaining("no file that can be read");
    }

    @Test
    void takesTheFirstBundleOfTheSystemThatHasCertificates() throws IOException {
        Path missing = directory.resolve("missing.pem");
        Path empty = Files.createFile(directory.resolve("empty.pem"));
        Path good = Files.writeString(directory.resolve("good.pem"), ca);

        assertThat(PublicRoots.fromSystem(List.of(missing, directory, empty, good))
                        .origin())
                .isEqualTo(good.toString());
    }

    @Test
    void takesJavasOwnRootsWhereTheSystemHasNone() throws IOException {
        PublicRoots roots = PublicRoots.fromSystem(List.of(directory.resolve("missing.pem")));

        assertThat(roots.origin()).isEqualTo("Java's trust store");
        assertThat(roots.size()).isGreaterThan(50);
        assertThat(roots.problems()).isEmpty();
        assertThat(CaBundle.parse("again", roots.pem()).pem()).isEqualTo(roots.pem());
    }

    @Test
    void findsRootsOnThisMachine() throws IOException {
        assertThat(PublicRoots.load(Optional.empty()).size()).isGreaterThan(50);
    }
}
