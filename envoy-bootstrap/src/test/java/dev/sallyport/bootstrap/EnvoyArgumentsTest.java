package dev.sallyport.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class EnvoyArgumentsTest {
    @Test
    void areThoseOfASidecar() {
        assertThat(EnvoyArguments.of(Path.of("/run/b.yaml")).toList())
                .containsExactly(
                        "-c",
                        "/run/b.yaml",
                        "--concurrency",
                        "1",
                        "--disable-hot-restart",
                        "--drain-time-s",
                        "15",
                        "--drain-strategy",
                        "immediate",
                        "--file-flush-interval-msec",
                        "1000",
                        "--log-level",
                        "warning",
                        "--component-log-level",
                        "misc:error");
    }

    @Test
    void changeWhereAsked() {
        assertThat(EnvoyArguments.of("node: {}")
                        .withConcurrency(2)
                        .withAccessLogDelay(Duration.ofMillis(50))
                        .rejectingUnknownFields()
                        .toList())
                .containsSubsequence(
                        "--config-yaml",
                        "node: {}",
                        "--concurrency",
                        "2",
                        "--file-flush-interval-msec",
                        "50",
                        "--reject-unknown-dynamic-fields");
    }
}
