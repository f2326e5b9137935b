package dev.sallyport.inject;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the init container runs, by a real shell, with programs that write down what they are given. */
class NetContainerTest {
    private static final boolean IPV6 = Files.exists(Path.of("/proc/net/if_inet6"));
    private static final ObjectNode CONTAINER = NetContainer.of(Pods.policy(), Pods.SETTINGS, Pods.UID);

    @TempDir
    private Path programs;

    @BeforeEach
    void programs() throws IOException {
        program("iptables-restore", 0);
        program("ip6tables-restore", 0);
    }

    private void program(String name, int exit) throws IOException {
        Path file = programs.resolve(name);
        Files.writeString(file, "#!/bin/sh\n/bin/cat > %s.read\nexit %d\n".formatted(file, exit));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }

    private int run() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        for (String part : List.of("command", "args")) {
            for (JsonNode word : CONTAINER.get(part)) {
                command.add(word.asText());
            }
        }
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(programs.resolve("output").toFile());
        builder.environment().put("PATH", programs.toString());
        return builder.start().waitFor();
    }

    private String read(String program) throws IOException {
        return Files.readString(programs.resolve(program + ".read"));
    }

    @Test
    @DisplayName("CAP-14 the rules are applied, those of IPv6 where there is IPv6, twice as well as once")
    void appliesTheRules() throws Exception {
        assertThat(run()).isZero();
        assertThat(run()).isZero();
        assertThat(read("iptables-restore")).isEqualTo(CONTAINER.at("/args/0").asText());
        if (IPV6) {
            assertThat(read("ip6tables-restore"))
                    .isEqualTo(CONTAINER.at("/args/1").asText());
        }
    }

    @Test
    @DisplayName("CAP-14 it fails when rules cannot be applied")
    void failsWithoutRules() throws Exception {
        program("iptables-restore", 2);
        assertThat(run()).isNotZero();
    }

    @Test
    @DisplayName("CAP-14 it fails when there is IPv6 and its rules cannot be applied")
    void failsWithoutRulesOfIpv6() throws Exception {
        program("ip6tables-restore", 2);
        assertThat(run() != 0).isEqualTo(IPV6);
    }

    @Test
    @DisplayName("CAP-14 it fails in an image without the program")
    void failsWithoutTheProgram() throws Exception {
        Files.delete(programs.resolve("iptables-restore"));
        assertThat(run()).isNotZero();
    }

    @Test
    @DisplayName("Kubernetes puts nothing into the arguments but the Pod's name, into the sidecar's bootstrap")
    void hasNothingThatKubernetesExpands() {
        assertThat(CONTAINER.toString()).doesNotContain("$(");
        ObjectNode sidecar = SidecarContainer.of(Pods.policy(), Pods.SETTINGS, Pods.UID);
        assertThat(sidecar.toString().split("\\$\\(", -1)).hasSize(2);
        assertThat(sidecar.at("/args/1").asText()).contains("agents/$(POD_NAME)");
    }
}
