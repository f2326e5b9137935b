package dev.sallyport.e2e;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./sallyport run} under policies with access None and Unrestricted, and what becomes of a command whose policy gets another access. */
@EndToEnd
@Tag(EndToEnd.ONE_ENVOY)
class AccessTest {
    private static final List<String> ISOLATED = List.of("--isolate", "--user", "nobody");
    /** Prints the status of each request; 000 where there was no answer. */
    private static final String STATUS = "curl -sk -m 20 -o /dev/null -w '%{http_code} ' ";

    private static final String PROXY_VARIABLES = "env | grep -ciE '^(https?_proxy|SSL_CERT_FILE|JAVA_TOOL_OPTIONS)='";

    @TempDir
    private Path directory;

    @BeforeEach
    void publicRoots() throws IOException {
        Files.writeString(directory.resolve("roots.pem"), Internet.get().publicRoots());
    }

    @Test
    @DisplayName("DESIGN §4 access Unrestricted without --isolate: no sidecar, no variables, one line that says so")
    void runsTheCommandAsItIs() throws Exception {
        access("access: Unrestricted");
        RunShell shell = shell(List.of("--envoy", "/nowhere/envoy"));
        for (String to : List.of("b.example.com", "203.0.113.10", "169.254.169.254")) {
            assertThat(shell.run(STATUS + "https://" + to + "/").text()).isEqualTo("200 \n");
        }
        assertThat(shell.run("sh -c \"" + PROXY_VARIABLES + "\"").text()).isEqualTo("0\n\n");
        shell.end();
        assertThat(errors())
                .containsExactly(
                        "sallyport: policy agents/p has access Unrestricted: the command runs without a sidecar, and nothing is refused (only --isolate would close link-local and metadata addresses)");
    }

    @Test
    @DisplayName("DESIGN §4 access Unrestricted with --isolate: everything but link-local and metadata addresses")
    void opensEverythingButLinkLocal() throws Exception {
        List<String> metadata = List.of("169.254.169.254", "100.100.100.200", "168.63.129.16");
        access("access: Unrestricted");
        RunShell shell = shell(ISOLATED);
        for (String to : List.of("b.example.com", "10.9.0.1")) {
            assertThat(shell.run(STATUS + "https://" + to + "/").text()).isEqualTo("200 \n");
        }
        assertThat(shell.run("sh -c \"" + PROXY_VARIABLES + "\"").text()).isEqualTo("0\n\n");
        RunShell open = shell(List.of());
        for (String address : metadata) {
            assertThat(shell.run(STATUS + "https://" + address + "/").text()).isEqualTo("000 \n");
            assertThat(open.run(STATUS + "https://" + address + "/").text())
                    .as("the same without --isolate")
                    .isEqualTo("200 \n");
        }
        open.end();
        shell.end();
    }

    @Test
    @DisplayName(
            "DESIGN §4 access None with --isolate: nothing leaves, not even DNS; without it, what asks the proxy is refused")
    void letsNothingOut() throws Exception {
        access("access: None");
        RunShell isolated = shell(ISOLATED);
        for (String to : List.of("b.example.com", "203.0.113.10", "[2001:db8:ffff::10]")) {
            assertThat(isolated.run(STATUS + "https://" + to + "/").text()).isEqualTo("000 \n");
        }
        assertThat(isolated.run("bash -c 'exec 3<>/dev/udp/203.0.113.53/53; echo x >&3'")
                        .code())
                .isNotZero();
        isolated.end();
        assertThat(errors())
                .containsExactly("sallyport: policy agents/p has access None: nothing leaves the command's network");

        RunShell shell = shell(List.of());
        assertThat(shell.run("curl -s -o /dev/null -w '%{http_connect}' https://b.example.com/")
                        .text())
                .isEqualTo("403\n");
        assertThat(shell.run(STATUS + "--noproxy '*' https://b.example.com/").text())
                .as("what ignores the proxy")
                .isEqualTo("200 \n");
        shell.end();
        assertThat(errors())
                .first()
                .asString()
                .endsWith("what honours the proxy variables is refused everything; only --isolate stops the rest");
    }

    @Test
    @DisplayName(
            "DESIGN §4 a policy that gets another access while its command runs denies everything until it is changed back")
    void deniesWhenTheAccessChanges() throws Exception {
        String restricted = "hosts: [{host: b.example.com}]";
        access("access: Unrestricted");
        RunShell open = shell(ISOLATED);
        assertThat(status(open)).isEqualTo("200 \n");
        access(restricted);
        RunShell shell = shell(ISOLATED);
        eventually(() -> assertThat(status(open)).isEqualTo("000 \n"));
        assertThat(status(shell)).isEqualTo("200 \n");

        for (String other : List.of("access: Unrestricted", "access: None")) {
            access(other);
            eventually(() -> assertThat(status(shell)).isEqualTo("000 \n"));
        }
        access("access: Unrestricted");
        eventually(() -> assertThat(status(open)).isEqualTo("200 \n"));
        assertThat(status(shell)).isEqualTo("000 \n");
        access("access: sometimes");
        eventually(() -> assertThat(status(open)).isEqualTo("000 \n"));
        access(restricted);
        eventually(() -> assertThat(status(shell)).isEqualTo("200 \n"));
        open.end();
        shell.end();
    }

    private static String status(RunShell shell) throws IOException {
        return shell.run(STATUS + "https://b.example.com/").text();
    }

    private RunShell shell(List<String> options) throws IOException {
        List<String> all = new ArrayList<>(options);
        all.addAll(List.of("--policy", directory.resolve("policies").toString()));
        all.addAll(List.of("--public-roots", directory.resolve("roots.pem").toString()));
        return RunShell.start(Path.of("/"), directory.resolve("err"), all);
    }

    private List<String> errors() throws IOException {
        return Files.readAllLines(directory.resolve("err"));
    }

    /** Replaces the policy in one step. */
    private void access(String spec) throws IOException {
        Path policies = Files.createDirectories(directory.resolve("policies"));
        Path next = Files.writeString(directory.resolve("next"), """
                apiVersion: sallyport.dev/v1alpha1
                kind: EgressPolicy
                metadata: {name: p, namespace: agents}
                spec: {%s}
                """.formatted(spec));
        Files.move(next, policies.resolve("policy.yaml"), StandardCopyOption.ATOMIC_MOVE);
    }
}
