package dev.sallyport.bootstrap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.bootstrap.SidecarSpec.ControlPlane;
import dev.sallyport.bootstrap.SidecarSpec.SecretFile;
import dev.sallyport.proto.ProtoYaml;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BootstrapTest {
    private static final Path TRUST = Path.of("/etc/sallyport/trust");

    private static final SidecarSpec SPEC = new SidecarSpec(
            "agents/pod-a",
            SidecarPorts.DEFAULT,
            new ControlPlane("sallyport-xds.sallyport-system.svc", 18000, "sallyport-xds.sallyport-system.svc"),
            new SecretFile(TRUST.resolve("xds-ca.sds.yaml"), TRUST),
            new SecretFile(TRUST.resolve("xds-token.sds.yaml"), Path.of("/var/run/secrets/sallyport")));

    static Stream<EnvoyVersion> versions() {
        return Stream.of(EnvoyVersion.PINNED, new EnvoyVersion(1, 39, 3));
    }

    @Test
    void asksTheControlPlaneForEverythingElse() throws Exception {
        assertThat(Bootstrap.yaml(SPEC)).isEqualTo(expected("bootstrap.yaml"));
    }

    @Test
    void namesTheFilesThatHoldTheCaAndTheToken() throws Exception {
        assertThat(SdsFiles.ca(TRUST.resolve("xds-ca.pem"))).isEqualTo(expected("xds-ca.sds.yaml"));
        assertThat(SdsFiles.token(Path.of("/var/run/secrets/sallyport/token")))
                .isEqualTo(expected("xds-token.sds.yaml"));
    }

    @Test
    void hasNoAdminServer() {
        assertThat(ProtoYaml.parse(Bootstrap.yaml(SPEC), io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap.newBuilder())
                        .hasAdmin())
                .isFalse();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void isWhatEnvoyTakes(EnvoyVersion version, @TempDir Path directory) throws Exception {
        SecretFile ca = new SecretFile(directory.resolve("ca.sds.yaml"), directory);
        SecretFile token = new SecretFile(directory.resolve("token.sds.yaml"), directory);
        Files.writeString(ca.sds(), SdsFiles.ca(directory.resolve("ca.pem")));
        Files.writeString(token.sds(), SdsFiles.token(directory.resolve("token")));
        Path bootstrap = directory.resolve("bootstrap.yaml");
        Files.writeString(
                bootstrap,
                Bootstrap.yaml(new SidecarSpec(SPEC.nodeId(), SPEC.ports(), SPEC.controlPlane(), ca, token)));

        assertThat(validate(version, EnvoyArguments.of(bootstrap))).contains("OK");
        assertThat(validate(version, EnvoyArguments.of("no_such_field: 1"))).contains("no_such_field");
    }

    private static String validate(EnvoyVersion version, EnvoyArguments arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(
                EnvoyBinary.fetch(version, System.getenv(), line -> {}).path().toString());
        command.addAll(arguments.toList());
        command.addAll(List.of("--mode", "validate"));
        Process envoy = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (InputStream output = envoy.getInputStream()) {
            return new String(output.readAllBytes(), UTF_8);
        }
    }

    private static String expected(String name) throws IOException {
        try (InputStream file = BootstrapTest.class.getResourceAsStream(name)) {
            return new String(file.readAllBytes(), UTF_8);
        }
    }
}
