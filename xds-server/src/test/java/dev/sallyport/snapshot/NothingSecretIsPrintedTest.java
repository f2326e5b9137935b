package dev.sallyport.snapshot;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.SecretKey;
import dev.sallyport.source.SourceState;
import dev.sallyport.source.file.FileSource;
import dev.sallyport.source.file.FileSourceConfig;
import dev.sallyport.testing.TestClock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** From files to resources with everything logged and printed that can be: the values occur in the resources and nowhere else. */
class NothingSecretIsPrintedTest {
    private static final String GOOD = "sk-good-0123456789";
    private static final String BROKEN = "sk-broken-0123456789";
    private static final PolicyId P = new PolicyId("agents", "p");

    @TempDir
    Path root;

    private final Logger rootLogger = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final List<String> logged = new CopyOnWriteArrayList<>();
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            logged.add(event.getFormattedMessage());
            if (event.getThrowableProxy() != null) {
                logged.add(ThrowableProxyUtil.asString(event.getThrowableProxy()));
            }
        }
    };
    private Level level = Level.INFO;

    @BeforeEach
    void logEverything() {
        level = rootLogger.getLevel();
        rootLogger.setLevel(Level.TRACE);
        appender.start();
        rootLogger.addAppender(appender);
    }

    @AfterEach
    void restoreLogging() {
        rootLogger.detachAppender(appender);
        rootLogger.setLevel(level);
    }

    @Test
    @DisplayName("SEC-16 test secrets are in no log, status, problem or text of an object")
    void printsNoSecret() throws IOException {
        writeFiles();
        List<SourceState> states = new CopyOnWriteArrayList<>();
        TestClock clock = new TestClock(Loop.START);
        FileSourceConfig files = new FileSourceConfig(
                List.of(root.resolve("policies")),
                Optional.of(root.resolve("secrets")),
                Optional.empty(),
                Duration.ofMillis(10),
                Duration.ofMillis(50));
        try (FileSource source = new FileSource(files);
                ControlLoop loop = new ControlLoop(
                        ControlLoopConfig.DEFAULT, Loop.pki(1, clock), clock, new SimpleMeterRegistry())) {
            loop.watch(P, snapshot -> LoggerFactory.getLogger("watcher").info("told {}", snapshot));
            loop.start();
            source.start(state -> {
                states.add(state);
                LoggerFactory.getLogger("sink").info("state {}", state);
                loop.accept(state);
            });
            eventually(() -> assertThat(loop.status().workloads()).containsKey(P));
            WorkloadSnapshot snapshot = loop.current(P);
            StringBuilder printed = new StringBuilder();
            printed.append(loop.status()).append(states).append(snapshot);
            snapshot.secretNames().forEach(name -> printed.append(snapshot.secret(name)));
            states.forEach(state -> List.of("good", "broken", "multiline")
                    .forEach(name -> printed.append(
                            state.credentials().find("agents", new SecretKey(name, "token"), "api.example.com"))));

            // The control: the values are there, in the resources and nowhere else.
            assertThat(bytes(snapshot, "credential/a.example.com/x-api-key")).contains(GOOD);
            assertThat(loop.status().workloads().toString()).contains("control character", "agents/broken");
            assertThat(printed).contains("***");
            assertThat(logged).anyMatch(line -> line.startsWith("told"));
            assertThat(logged).anyMatch(line -> line.contains("credential x-api-key of b.example.com cannot be used"));
            for (String secret : List.of(GOOD, BROKEN, base64(GOOD), base64(BROKEN))) {
                assertThat(printed.toString()).doesNotContain(secret);
                assertThat(logged).noneMatch(line -> line.contains(secret));
            }
        }
    }

    private void writeFiles() throws IOException {
        Files.createDirectories(root.resolve("secrets/multiline"));
        Files.writeString(root.resolve("secrets/multiline/token"), BROKEN + "\n\n" + BROKEN);
        Files.createDirectories(root.resolve("policies"));
        Files.writeString(root.resolve("policies/p.yaml"), """
                apiVersion: sallyport.dev/v1alpha1
                kind: EgressPolicy
                metadata: {name: p, namespace: agents}
                spec:
                  hosts:
                  - host: a.example.com
                    credentials: [{header: x-api-key, valueFrom: {secretKeyRef: {name: good, key: token}}}]
                  - host: b.example.com
                    credentials: [{header: x-api-key, valueFrom: {secretKeyRef: {name: broken, key: token}}}]
                  - host: c.example.com
                    credentials: [{header: x-api-key, valueFrom: {secretKeyRef: {name: multiline, key: token}}}]
                ---
                {apiVersion: v1, kind: Secret, metadata: {name: good, namespace: agents}, stringData: {token: %s}}
                ---
                {apiVersion: v1, kind: Secret, metadata: {name: broken, namespace: agents}, data: {token: %s}}
                ---
                {apiVersion: v1, kind: Secret, metadata: {name: typo, namespace: agents}, stringdata: {token: %s}}
                """.formatted(GOOD, BROKEN, BROKEN));
    }

    private static String bytes(WorkloadSnapshot snapshot, String name) {
        return snapshot.secret(name).orElseThrow().bytes().toString(StandardCharsets.ISO_8859_1);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
