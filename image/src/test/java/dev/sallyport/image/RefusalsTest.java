package dev.sallyport.image;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What keeps an image from being built is said, with what to do. */
class RefusalsTest {
    @TempDir
    private Path dir;

    private StagedRoot root = new StagedRoot(Path.of(""));

    @BeforeEach
    void stage() throws IOException {
        root = StagedRoot.empty(dir.resolve("root"));
    }

    @Test
    void aJavaThatIsNoWholeJdk() {
        assertThatThrownBy(() -> JavaRuntime.of(dir))
                .isInstanceOf(ImageException.class)
                .hasMessageContainingAll("JAVA_HOME is " + dir, "no jmods", "apt install");
    }

    @Test
    void anApplicationThatWasNotPackaged() {
        assertThatThrownBy(() -> new ApplicationFiles(dir).into(root))
                .isInstanceOf(ImageException.class)
                .hasMessageContainingAll(dir.toString(), "sallyport-cli.jar", "image/build");
    }

    @Test
    void publicRootsWithoutCertificates() throws IOException {
        Path roots = Files.writeString(dir.resolve("roots.pem"), "nothing");
        assertThatThrownBy(() -> new SystemFiles(Optional.of(roots)).into(root))
                .isInstanceOf(ImageException.class)
                .hasMessageContainingAll(roots.toString(), "no certificates", "PEM");
    }

    @Test
    void aToolThatFails() {
        assertThatThrownBy(() -> Tool.run(dir, List.of("sh", "-c", "echo because; exit 3")))
                .isInstanceOf(ImageException.class)
                .hasMessageContainingAll("exit code 3", "because");
        assertThatThrownBy(() -> Tool.run(dir, List.of("no-such-tool")))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("cannot run no-such-tool");
    }
}
