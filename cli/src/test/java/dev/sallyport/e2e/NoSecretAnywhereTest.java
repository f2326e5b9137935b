package dev.sallyport.e2e;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Everything that a control plane, a sidecar and a run leave behind, at the most talkative level, searched for what they were entrusted with. */
@EndToEnd
class NoSecretAnywhereTest {
    private static final String POLICY = """
            apiVersion: sallyport.dev/v1alpha1
            kind: EgressPolicy
            metadata: {name: p, namespace: agents}
            spec:
              hosts:
              - host: api.example.com
                credentials: [{header: x-api-key, valueFrom: {secretKeyRef: {name: api, key: token}}}]
              - host: b.example.com
                credentials: [{header: x-api-key, valueFrom: {secretKeyRef: {name: broken, key: token}}}]
              - host: c.example.com
                credentials: [{header: x-api-key, valueFrom: {secretKeyRef: {name: misplaced, key: token}}}]
            """;

    private final Set<String> values = new LinkedHashSet<>();
    private final String first = value();
    private final String second = value();
    private final String broken = value();
    private final String misplaced = value();
    private final String notBase64 = value();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger("dev.sallyport");

    @TempDir
    private Path dir;

    private String value() {
        String value = UUID.randomUUID().toString().replace("-", "") + "-secret";
        values.add(value);
        return value;
    }

    @BeforeEach
    void listenToEverything() {
        log.start();
        logger.addAppender(log);
        logger.setLevel(Level.DEBUG);
    }

    @AfterEach
    void listenNoMore() {
        logger.detachAppender(log);
        logger.setLevel(null);
    }

    @Test
    @DisplayName(
            "SEC-16 no log, status, file or process of a control plane and its sidecar has a value, also when it is wrong or replaced")
    void theServiceTellsNobody() throws Exception {
        try (Machine machine = Machine.with(POLICY)) {
            machine.file("bad.yaml", badSecrets());
            TestSidecar sidecar = machine.sidecar();
            App app = machine.app(sidecar);
            for (String used : List.of(first, second)) {
                machine.secrets(goodSecrets(used));
                eventually(
                        () -> assertThat(app.get("api.example.com", "/").body()).contains(used));
            }
            eventually(() -> assertThat(app.get("b.example.com", "/").status()).isEqualTo(500));
            assertThat(app.connect("other.example.com:443").status()).isEqualTo(403);

            Path state = machine.directory().resolve("state");
            Leaks leaks = new Leaks(values)
                    .text("log", logged())
                    .text("access log", String.join("\n", sidecar.rawLog()))
                    .text("what Envoy said", String.join("\n", sidecar.errors()))
                    .text("status", machine.status(Machine.AGENTS_P).toString())
                    .text("workloads", machine.controlPlane().status().toString())
                    .text("sidecars", machine.controlPlane().sidecars().toString())
                    .text(
                            "status command",
                            RunShell.tool(dir, "status", "--state", state.toString(), "--output", "json"))
                    .files(machine.directory(), this::holdsSecrets)
                    .processes();
            assertThat(leaks.found()).isEmpty();
            assertThat(leaks.places()).isGreaterThan(20);
            assertThat(logged()).as("control: the log is one").contains("agents/p");
            assertNoPrivateKey(machine.directory());
        }
    }

    @Test
    @DisplayName("SEC-16 no output, file or process of run, check, explain and render has a value")
    void theToolsTellNobody() throws Exception {
        Path work = Files.createDirectories(dir.resolve("work"));
        Path files = Files.createDirectories(dir.resolve("files"));
        Path policy = Files.writeString(files.resolve("policy.yaml"), POLICY);
        Path secrets = Files.writeString(files.resolve("secrets.yaml"), goodSecrets(first) + "---\n" + badSecrets());
        Path err = dir.resolve("stderr");
        List<String> sources = List.of("--policy", policy.toString(), "--policy", secrets.toString());
        Leaks leaks = new Leaks(values);
        for (String tool : List.of("check", "explain", "render")) {
            List<String> arguments = new ArrayList<>(List.of(tool));
            arguments.addAll(tool.equals("check") ? List.of(policy.toString(), secrets.toString()) : sources);
            arguments.addAll(tool.equals("explain") ? List.of("https://api.example.com/") : List.of());
            String said = RunShell.tool(dir, arguments.toArray(String[]::new));
            assertThat(said).as(tool).containsAnyOf("misplaced", "api.example.com", "secrets.yaml");
            leaks.text(tool, said);
        }
        Files.writeString(secrets, goodSecrets(first));
        List<String> options = new ArrayList<>(sources);
        Path roots = Files.writeString(dir.resolve("roots.pem"), Internet.get().publicRoots());
        options.addAll(List.of(
                "--public-roots",
                roots.toString(),
                "--state",
                dir.resolve("state").toString()));
        options.addAll(List.of("--access-log", dir.resolve("access.jsonl").toString()));
        RunShell shell = RunShell.start(work, err, options);
        assertThat(shell.run("curl -fsS https://api.example.com/").text()).contains(first);
        for (String quiet : List.of(
                "curl -sS https://b.example.com/",
                "curl -sS https://other.example.com/",
                "env",
                "sh -c 'cat $WGETRC'")) {
            leaks.text(quiet, shell.run(quiet).text());
        }
        leaks.text(
                        "denials",
                        RunShell.tool(
                                dir, "denials", "--state", dir.resolve("state").toString()))
                .files(dir, secrets::equals)
                .files(Path.of("/run/sallyport"), secrets::equals)
                .processes();
        assertNoPrivateKey(dir);
        shell.end();
        leaks.text("stderr", Files.readString(err));
        assertThat(Files.readString(err)).as("control: run said what is wrong").contains("b.example.com");
        assertThat(leaks.found()).isEmpty();
        assertThat(leaks.places()).isGreaterThan(20);
    }

    @Test
    @DisplayName("SEC-16 control: the search finds a value in a text, in a file, in base64, and in a process")
    void theSearchFindsWhatIsThere() throws Exception {
        Files.writeString(dir.resolve("text"), "a " + first.substring(0, 12) + " b");
        Files.write(
                dir.resolve("base64"), new ObjectMapper().writeValueAsBytes(second.getBytes(StandardCharsets.UTF_8)));
        Files.writeString(dir.resolve("meant"), first);
        Files.writeString(dir.resolve("clean"), "nothing");
        assertThat(new Leaks(values).text("text", first).found()).hasSize(1);
        assertThat(new Leaks(values).files(dir, dir.resolve("meant")::equals).found())
                .hasSize(2);
        ProcessBuilder builder = new ProcessBuilder("cat");
        builder.environment().put("LEAK", broken);
        Process process = builder.start();
        eventually(() -> assertThat(new Leaks(values).processes().found()).isNotEmpty());
        process.getOutputStream().close();
        process.waitFor();
    }

    /** One that is in order, and one whose value no header can hold. */
    private String goodSecrets(String api) {
        return Machine.secret("api", "token", api) + "---\n"
                + Machine.secret("broken", "token", broken + "\\t" + broken);
    }

    /** Values in places where none belongs. */
    private String badSecrets() {
        return """
                apiVersion: v1
                kind: Secret
                metadata: {name: misplaced, namespace: agents}
                stringData: %s
                ---
                apiVersion: v1
                kind: Secret
                metadata: {name: coded, namespace: agents}
                data: {token: "%%%s"}
                """.formatted(misplaced, notBase64);
    }

    private boolean holdsSecrets(Path file) {
        return file.endsWith("policies/secrets.yaml") || file.endsWith("policies/bad.yaml");
    }

    private String logged() {
        StringBuilder text = new StringBuilder();
        for (ILoggingEvent event : List.copyOf(log.list)) {
            text.append(event.getFormattedMessage())
                    .append(Arrays.toString(event.getArgumentArray()))
                    .append(
                            event.getThrowableProxy() == null
                                    ? ""
                                    : event.getThrowableProxy().getMessage())
                    .append('\n');
        }
        return text.toString();
    }

    private static void assertNoPrivateKey(Path directory) throws IOException {
        assertThat(new Leaks(Set.of("PRIVATE KEY-----"))
                        .files(directory, file -> false)
                        .found())
                .as("CERT-13")
                .isEmpty();
    }
}
