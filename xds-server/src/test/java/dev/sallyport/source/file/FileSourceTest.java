package dev.sallyport.source.file;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.credential.CredentialLookup;
import dev.sallyport.credential.CredentialValue;
import dev.sallyport.policy.Compilation;
import dev.sallyport.policy.PolicyCompiler;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.SecretKey;
import dev.sallyport.source.SourceState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSourceTest {
    private static final Duration NEVER = Duration.ofHours(1);
    private static final PolicyId P = new PolicyId("agents", "p");
    private static final PolicyId Q = new PolicyId("agents", "q");

    @TempDir
    Path root;

    private final List<SourceState> states = new CopyOnWriteArrayList<>();
    private Path policies;
    private Path secrets;
    private FileSource source;

    @BeforeEach
    void makeSource() throws IOException {
        policies = Files.createDirectory(root.resolve("policies"));
        secrets = root.resolve("secrets");
        source = source(NEVER);
    }

    /** With {@link #NEVER}, an edit that is seen was heard, not polled. */
    private FileSource source(Duration poll) {
        return new FileSource(new FileSourceConfig(
                List.of(policies), Optional.of(secrets), Optional.empty(), Duration.ofMillis(20), poll));
    }

    @AfterEach
    void close() {
        source.close();
    }

    @Test
    void handsOnNothingBeforeItIsStartedAndOneCompleteStateThen() throws IOException {
        write("p.yaml", policy("p", "a.example.com"));
        write("q.yml", policy("q", "b.example.com"));
        write(
                "r.json",
                "{\"apiVersion\": \"v1\", \"kind\": \"Secret\", \"metadata\": {\"name\": \"s\"}, \"stringData\": {\"k\": \"v\"}}");
        write("notes.txt", "no policy");
        write(".p.yaml.swp", "no policy");
        assertThat(states).isEmpty();
        start();
        eventually(() -> assertThat(states).hasSize(1));
        assertThat(hosts(P)).containsExactly("a.example.com");
        assertThat(hosts(Q)).containsExactly("b.example.com");
        assertThat(newest().credentials().find("default", new SecretKey("s", "k"), "api.example.com"))
                .isEqualTo(new CredentialLookup.Found(CredentialValue.ofText("v")));
    }

    @Test
    void readsOnceForThoseWhoLookAndLeave() throws IOException {
        Path file = write("p.yaml", policy("p", "a.example.com"));
        SourceState state = FileSource.read(FileSourceConfig.of(List.of(file), Optional.empty(), Optional.empty()));
        assertThat(state.documents().documents()).hasSize(1);
    }

    @Test
    void hearsOfAFileThatIsWrittenInPlace() throws IOException {
        Path file = write("p.yaml", policy("p", "a.example.com"));
        startAndWait();
        Files.writeString(file, policy("p", "b.example.com"));
        eventually(() -> assertThat(hosts(P)).containsExactly("b.example.com"));
    }

    @Test
    void hearsOfAFileThatIsReplacedByRenameAgainAndAgain() throws IOException {
        Path file = write("p.yaml", policy("p", "h0.example.com"));
        startAndWait();
        for (int i = 1; i <= 5; i++) {
            Path next = Files.writeString(root.resolve("next"), policy("p", "h" + i + ".example.com"));
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
            String expected = "h" + i + ".example.com";
            eventually(() -> assertThat(hosts(P)).containsExactly(expected));
        }
    }

    @Test
    void hearsOfFilesThatComeAndGo() throws IOException {
        startAndWait();
        Path file = write("p.yaml", policy("p", "a.example.com"));
        eventually(() -> assertThat(hosts(P)).containsExactly("a.example.com"));
        Files.delete(file);
        eventually(() -> assertThat(newest().documents().documents()).isEmpty());
    }

    @Test
    void hearsOfAPolicyDirectoryThatIsRemovedAndMadeAgain() throws IOException {
        source.close();
        source = source(Duration.ofMillis(50));
        Path file = write("p.yaml", policy("p", "a.example.com"));
        startAndWait();
        Files.delete(file);
        Files.delete(policies);
        eventually(() -> assertThat(newest().documents().problems())
                .anyMatch(problem -> problem.message().contains("no such file or directory")));
        Files.createDirectory(policies);
        write("p.yaml", policy("p", "b.example.com"));
        eventually(() -> assertThat(hosts(P)).containsExactly("b.example.com"));
    }

    @Test
    @DisplayName("SEC-07 SEC-08 SEC-14 a directory of Secrets that is made later, changed, and emptied")
    void followsADirectoryOfSecrets() throws IOException {
        source.close();
        source = source(Duration.ofMillis(50));
        startAndWait();
        assertThat(newest().problems()).anyMatch(problem -> problem.contains("no such directory"));
        Files.createDirectories(secrets.resolve("api"));
        Path token = Files.writeString(secrets.resolve("api/token"), "sk-1");
        eventually(() -> assertThat(secret()).isEqualTo(found("sk-1")));
        Files.writeString(token, "sk-2");
        eventually(() -> assertThat(secret()).isEqualTo(found("sk-2")));
        Files.delete(token);
        eventually(() -> assertThat(secret()).isInstanceOf(CredentialLookup.Missing.class));
    }

    @Test
    @DisplayName("SEC-13 an atomic switch of ..data is heard")
    void hearsOfAtomicSwitches() throws IOException {
        Path api = Files.createDirectories(secrets.resolve("api"));
        Files.writeString(Files.createDirectory(api.resolve("..1")).resolve("token"), "sk-1");
        Files.createSymbolicLink(api.resolve("..data"), Path.of("..1"));
        Files.createSymbolicLink(api.resolve("token"), Path.of("..data/token"));
        startAndWait();
        assertThat(secret()).isEqualTo(found("sk-1"));
        Files.writeString(Files.createDirectory(api.resolve("..2")).resolve("token"), "sk-2");
        Files.createSymbolicLink(api.resolve("..data_tmp"), Path.of("..2"));
        Files.move(api.resolve("..data_tmp"), api.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        eventually(() -> assertThat(secret()).isEqualTo(found("sk-2")));
    }

    @Test
    @DisplayName("SEC-11 of a burst of changes the last one is handed on, and only a few of the others")
    void handsOnTheLastOfABurst() throws IOException {
        Path token = Files.createDirectories(secrets.resolve("api")).resolve("token");
        Files.writeString(token, "sk-0");
        startAndWait();
        for (int i = 1; i <= 100; i++) {
            Files.writeString(token, "sk-" + i);
        }
        eventually(() -> assertThat(secret()).isEqualTo(found("sk-100")));
        assertThat(states).hasSizeLessThan(20);
    }

    @Test
    @DisplayName("XDS-06 a change that changes nothing is not handed on, and what did not change stays the same object")
    void staysSilentWhenNothingChanged() throws IOException {
        Path file = write("p.yaml", policy("p", "a.example.com"));
        Path token = Files.createDirectories(secrets.resolve("api")).resolve("token");
        Files.writeString(token, "sk-1");
        StateReader reader =
                new StateReader(FileSourceConfig.of(List.of(policies), Optional.of(secrets), Optional.empty()));
        StateReader.Reading first = reader.read();
        assertThat(first.changed()).isTrue();
        Files.writeString(file, policy("p", "a.example.com"));
        Files.writeString(token, "sk-1");
        write("notes.txt", "no policy");
        assertThat(reader.read().changed()).isFalse();
        write("q.yaml", policy("q", "b.example.com"));
        StateReader.Reading second = reader.read();
        assertThat(second.changed()).isTrue();
        assertThat(second.state().credentials()).isSameAs(first.state().credentials());
        assertThat(second.state().documents().documents().get(0))
                .isSameAs(first.state().documents().documents().get(0));
        Files.writeString(token, "sk-2");
        StateReader.Reading third = reader.read();
        assertThat(third.changed()).isTrue();
        assertThat(third.state().documents()).isSameAs(second.state().documents());
        assertThat(reader.read().changed()).isFalse();
    }

    @Test
    @DisplayName(
            "DEC-07 the workloads of a file that is no YAML any more are rejected, not forgotten, and keep no older policy")
    void rejectsTheWorkloadsOfABrokenFile() throws IOException {
        Path file = write("both.yaml", policy("p", "a.example.com") + "---\n" + policy("q", "b.example.com"));
        startAndWait();
        Files.writeString(file, "}{ this: is [no YAML");
        eventually(() -> assertThat(compiled().policies().rejected()).containsOnlyKeys(P, Q));
        assertThat(compiled().policies().accepted()).isEmpty();
        assertThat(compiled().policies().rejected().get(P))
                .singleElement()
                .asString()
                .contains("both.yaml:1: EgressPolicy agents/p: it was in this file before");

        Files.writeString(file, policy("p", "c.example.com"));
        eventually(() -> assertThat(hosts(P)).containsExactly("c.example.com"));
        assertThat(compiled().policies().rejected()).isEmpty();
    }

    @Test
    @DisplayName("DEC-07 a broken policy that still says whom it is for hurts nobody else in its file")
    void rejectsOnlyTheBrokenDocument() throws IOException {
        Path file = write("both.yaml", policy("p", "a.example.com") + "---\n" + policy("q", "b.example.com"));
        startAndWait();
        Files.writeString(file, policy("p", "10.0.0.1") + "---\n" + policy("q", "b.example.com"));
        eventually(() -> assertThat(compiled().policies().rejected()).containsOnlyKeys(P));
        assertThat(hosts(Q)).containsExactly("b.example.com");
    }

    @Test
    @DisplayName("DEC-07 the workloads of a file that cannot be read any more are rejected")
    void rejectsTheWorkloadsOfAnUnreadableFile() throws IOException {
        Path file = write("p.yaml", policy("p", "a.example.com"));
        startAndWait();
        Files.delete(file);
        Files.createSymbolicLink(file, file.getFileName());
        eventually(() -> assertThat(compiled().policies().rejected()).containsOnlyKeys(P));
        assertThat(compiled().problems()).anyMatch(problem -> problem.message().contains("cannot be read"));
    }

    @Test
    void survivesASinkThatFails() throws IOException {
        write("p.yaml", policy("p", "a.example.com"));
        source.start(state -> {
            states.add(state);
            if (states.size() == 1) {
                throw new IllegalStateException("the first state is not liked");
            }
        });
        eventually(() -> assertThat(states).hasSize(1));
        write("q.yaml", policy("q", "b.example.com"));
        eventually(() -> assertThat(states).hasSize(2));
    }

    private void start() {
        source.start(states::add);
    }

    private void startAndWait() {
        start();
        eventually(() -> assertThat(states).isNotEmpty());
    }

    private SourceState newest() {
        return states.get(states.size() - 1);
    }

    private Compilation compiled() {
        return PolicyCompiler.compile(newest().documents());
    }

    private List<String> hosts(PolicyId id) {
        return Optional.ofNullable(compiled().policies().accepted().get(id)).stream()
                .flatMap(policy -> policy.hosts().stream())
                .map(entry -> entry.host().text())
                .toList();
    }

    private CredentialLookup secret() {
        return newest().credentials().find("agents", new SecretKey("api", "token"), "api.example.com");
    }

    private static CredentialLookup found(String value) {
        return new CredentialLookup.Found(CredentialValue.ofText(value));
    }

    private Path write(String name, String content) throws IOException {
        return Files.writeString(policies.resolve(name), content);
    }

    private static String policy(String name, String host) {
        return """
                apiVersion: sallyport.dev/v1alpha1
                kind: EgressPolicy
                metadata: {name: %s, namespace: agents}
                spec: {hosts: [{host: "%s"}]}
                """.formatted(name, host);
    }
}
