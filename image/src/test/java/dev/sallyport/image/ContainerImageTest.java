package dev.sallyport.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.cloud.tools.jib.api.JibContainer;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The archive, with small files. */
class ContainerImageTest {
    @TempDir
    private Path dir;

    @Test
    void equalFilesGiveEqualImages() throws IOException, InterruptedException {
        JibContainer one = write("one", "a");
        JibContainer same = write("same", "a");
        JibContainer other = write("other", "b");
        assertThat(same.getImageId()).isEqualTo(one.getImageId());
        assertThat(same.getDigest()).isEqualTo(one.getDigest());
        assertThat(other.getImageId()).isNotEqualTo(one.getImageId());
    }

    @ParameterizedTest
    @CsvSource({"amd64, amd64", "aarch64, arm64", "riscv64, riscv64"})
    void namesArchitecturesAsImagesDo(String java, String image) {
        assertThat(ContainerImage.architecture(java)).isEqualTo(image);
    }

    @ParameterizedTest
    @CsvSource({"1.2.3, sallyport:1.2.3", "1.2.3-SNAPSHOT, sallyport:1.2.3"})
    void isTaggedWithItsVersion(String version, String name) {
        assertThat(ImageBuild.name(version)).isEqualTo(name);
    }

    private JibContainer write(String directory, String content) throws IOException, InterruptedException {
        Path work = dir.resolve(directory);
        StagedRoot root = StagedRoot.empty(work.resolve("root"));
        root.text("/usr/bin/sallyport", "#!/bin/sh\n", true);
        root.text(JavaRuntime.HOME + "/bin/java", "java", true);
        root.text(ApplicationFiles.HOME + "/lib/other.jar", "jar", false);
        root.text(ApplicationFiles.HOME + "/sallyport.jar", content, false);
        root.directory("/tmp", "rwxrwxrwx");
        return new ContainerImage(root, "sallyport:1").write(work.resolve("image.tar"), work.resolve("cache"));
    }
}
