package dev.sallyport.testing.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KubernetesBinariesTest {
    @Test
    void whatIsMissingIsSaidWithWhatToDo(@TempDir Path cache) {
        KubernetesBinaries none = new KubernetesBinaries(Map.of("SALLYPORT_CACHE", cache.toString()));
        assertThatThrownBy(() -> none.program("etcd"))
                .hasMessageContaining("no etcd in [" + cache.resolve("kubernetes/v1."))
                .hasMessageContaining("run it where there are Go and a network")
                .hasMessageContaining("KUBEBUILDER_ASSETS");
    }

    @Test
    void programsOfOnesOwnComeFirst(@TempDir Path assets) throws IOException {
        Path etcd = Files.createFile(assets.resolve("etcd"));
        assertThat(etcd.toFile().setExecutable(true)).isTrue();
        KubernetesBinaries binaries = new KubernetesBinaries(
                Map.of("SALLYPORT_CACHE", assets.resolve("none").toString(), "KUBEBUILDER_ASSETS", assets.toString()));
        assertThat(binaries.program("etcd")).isEqualTo(etcd);
        assertThatThrownBy(() -> binaries.program("kubectl"))
                .hasMessageContaining("no kubectl in [" + assets + ", " + assets.resolve("none/kubernetes/v1."));
    }
}
