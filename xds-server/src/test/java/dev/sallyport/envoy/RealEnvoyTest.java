package dev.sallyport.envoy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.bootstrap.EnvoyArguments;
import dev.sallyport.bootstrap.EnvoyBinary;
import dev.sallyport.testing.Envoys;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A message that can be built is not yet a configuration that Envoy takes. */
class RealEnvoyTest {
    @TempDir
    private Path directory;

    static Stream<Arguments> goldensOnEveryEnvoy() {
        return Envoys.all().stream()
                .flatMap(envoy -> GoldenCase.all().stream().map(golden -> Arguments.of(envoy, golden)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("goldensOnEveryEnvoy")
    void takesAllResources(EnvoyBinary envoy, GoldenCase golden) throws Exception {
        assertThat(validate(envoy, StaticConfig.of(golden.model()).yaml())).endsWith("OK");
    }

    /** A few at a time: here every chain holds the routes of all hosts. */
    @ParameterizedTest
    @ValueSource(ints = {1, 21, 41, 61, 81, 211})
    void takesHostsWithNamesOfEveryLength(int shortest) throws Exception {
        String[] hosts = IntStream.range(shortest, shortest + 20)
                .mapToObj(length -> "{host: " + name(length) + "}")
                .toArray(String[]::new);

        assertThat(validate(
                        Envoys.pinned(),
                        StaticConfig.of(Models.withHosts(hosts)).yaml()))
                .endsWith("OK");
    }

    /** Labels with hyphens, and beyond the longest label more of them. */
    private static String name(int length) {
        return "a-".repeat(30).substring(0, Math.min(length, 59))
                + "z"
                + ".b".repeat(Math.max(0, length - 59) / 2)
                + ".e-" + length + ".example";
    }

    @Test
    void refusesWhatItDoesNotKnow() throws Exception {
        String yaml = StaticConfig.of(Models.withHosts("{host: a.example.com}")).yaml();

        assertThat(validate(Envoys.pinned(), yaml)).endsWith("OK");
        assertThat(validate(Envoys.pinned(), yaml.replace("reject_connect_request_early_data", "reject_nothing")))
                .contains("reject_nothing");
        assertThat(validate(Envoys.pinned(), yaml.replace("cluster: upgrade/443", "cluster: nowhere")))
                .contains("nowhere");
    }

    private String validate(EnvoyBinary envoy, String yaml) throws Exception {
        Path config = directory.resolve("config.yaml");
        Files.writeString(config, yaml);
        List<String> command = new ArrayList<>();
        command.add(envoy.path().toString());
        command.addAll(EnvoyArguments.of(config).toList());
        command.addAll(List.of("--mode", "validate"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (InputStream output = process.getInputStream()) {
            return new String(output.readAllBytes(), UTF_8).strip();
        }
    }
}
