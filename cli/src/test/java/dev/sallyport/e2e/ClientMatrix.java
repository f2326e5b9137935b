package dev.sallyport.e2e;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.sallyport.testing.UpstreamRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/** HTTP clients as they are, under {@code ./sallyport run}, with nothing but the environment that it gives. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ClientMatrix {
    private static final String INTERCEPTED = "api.example.com";
    private static final String PASSTHROUGH = "pin.example.com";

    private static final String POLICY = """
            apiVersion: sallyport.dev/v1alpha1
            kind: EgressPolicy
            metadata: {name: p, namespace: agents}
            spec:
              hosts:
              - host: api.example.com
                credentials: [{header: x-api-key, valueFrom: {secretKeyRef: {name: api, key: token}}}]
              - {host: pin.example.com, tls: Passthrough}
            ---
            """ + Machine.secret("api", "token", Machine.KEY);

    /** Runs a command with the way to the sidecar that it was given, and without the certificates. */
    private static final String UNTRUSTING = """
            #!/bin/sh
            options=$(printf %s "$JAVA_TOOL_OPTIONS" | sed 's/-Djavax.net.ssl.trustStore=[^ ]*//')
            exec env -i PATH="$PATH" HOME="$HOME" https_proxy="$https_proxy" HTTPS_PROXY="$HTTPS_PROXY" NODE_USE_ENV_PROXY=1 JAVA_TOOL_OPTIONS="$options" "$@"
            """;

    private final Path files;
    private final Path work;
    private RunShell shell;

    /**
     * A row of the matrix.
     *
     * @param command what GETs {@code $URL} or something below it
     * @param onPassthrough the same for a passthrough host, where it must know the public CA of the tests in place of a list that is built into it
     */
    record Client(String name, String command, String onPassthrough) {
        Client(String name, String command) {
            this(name, command, command);
        }

        String id() {
            return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        }
    }

    // The shell is there before the first test.
    @SuppressWarnings("NullAway.Init")
    ClientMatrix() {
        try {
            this.files = Files.createTempDirectory("sallyport-clients-");
            // Another user may be the one who runs the command.
            this.work = Files.createTempDirectory(
                    "sallyport-work-",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of {@code run}, besides those that say which files. */
    abstract List<String> options();

    abstract Stream<Client> clients();

    @BeforeAll
    void startTheShell() throws IOException {
        Internet internet = Internet.get();
        try (Stream<Path> programs = Files.list(Path.of("src", "test", "clients"))) {
            for (Path program : programs.toList()) {
                Files.copy(program, work.resolve(program.getFileName()));
            }
        }
        int compiled = ToolProvider.findFirst("javac")
                .orElseThrow()
                .run(System.out, System.err, work.resolve("Client.java").toString());
        assertThat(compiled).isZero();
        Files.writeString(work.resolve("untrusting"), UNTRUSTING);
        List<String> arguments = new ArrayList<>(List.of(
                "--policy",
                Files.writeString(files.resolve("policy.yaml"), POLICY).toString(),
                "--public-roots",
                Files.writeString(files.resolve("roots.pem"), internet.publicRoots())
                        .toString(),
                "--access-log",
                files.resolve("access.jsonl").toString()));
        arguments.addAll(options());
        shell = RunShell.start(work, files.resolve("stderr"), arguments);
    }

    @AfterAll
    void endTheShell() throws IOException, InterruptedException {
        shell.end();
        for (Path directory : List.of(files, work)) {
            try (Stream<Path> found = Files.walk(directory)) {
                for (Path file : found.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> everyClient() {
        return clients()
                .flatMap(client -> Stream.of(
                        dynamicTest(
                                "TRUST-06 " + client.name() + " reaches an intercepted host, with the credential",
                                () -> reaches(client, INTERCEPTED, List.of(Machine.KEY))),
                        dynamicTest(
                                "TRUST-07 " + client.name() + " reaches a passthrough host, with no one in between",
                                () -> reaches(client, PASSTHROUGH, List.of())),
                        dynamicTest(
                                "TRUST-06 " + client.name() + " without the certificates refuses both",
                                () -> refuses(client))));
    }

    private void reaches(Client client, String host, List<String> keys) throws IOException {
        String path = "/" + client.id() + "/reaches/" + host;
        RunShell.Output output = shell.run(command("", client, host, path));
        assertThat(output.code()).as(output.text()).isZero();
        assertThat(requestsBelow(path)).isNotEmpty().allSatisfy(request -> {
            assertThat(request.values("x-api-key")).isEqualTo(keys);
            assertThat(request.connection().sni()).isEqualTo(host);
        });
        awaitLogged(host);
    }

    /** The log has the requests to an intercepted host, and of a passthrough host only that there was a connection. */
    private void awaitLogged(String host) {
        eventually(() -> {
            List<AccessLogLine> served = Files.readAllLines(files.resolve("access.jsonl")).stream()
                    .map(AccessLogLine::parse)
                    .filter(line -> host.equals(line.text("host")) && line.reason() == null)
                    .toList();
            assertThat(served)
                    .isNotEmpty()
                    .allSatisfy(line -> assertThat(line.text("method") == null).isEqualTo(host.equals(PASSTHROUGH)));
        });
    }

    private void refuses(Client client) throws IOException {
        for (String host : List.of(INTERCEPTED, PASSTHROUGH)) {
            String path = "/" + client.id() + "/refuses/" + host;
            RunShell.Output output = shell.run(command("sh " + work + "/untrusting ", client, host, path));
            assertThat(output.code()).as(output.text()).isNotZero();
            assertThat(output.text().toLowerCase(Locale.ROOT)).containsAnyOf("certificat", "x509", "pkix");
            assertThat(requestsBelow(path)).isEmpty();
        }
    }

    private static String command(String prefix, Client client, String host, String path) {
        String command = host.equals(PASSTHROUGH) ? client.onPassthrough() : client.command();
        return prefix + command.replace("$URL", "https://" + host + path);
    }

    private static List<UpstreamRequest> requestsBelow(String path) {
        return Internet.get().upstream().requests().stream()
                .filter(request -> request.target().startsWith(path))
                .toList();
    }

    /** A program of src/test/clients/prepare. */
    static String prepared(String program) {
        Map<String, String> environment = System.getenv();
        String caches = notEmpty(environment.get("XDG_CACHE_HOME"), System.getProperty("user.home") + "/.cache");
        Path path = Path.of(notEmpty(environment.get("SALLYPORT_CACHE"), caches + "/sallyport"), "clients", program);
        assertThat(path)
                .as("what the tests need from the network: run ./test or cli/src/test/clients/prepare")
                .isExecutable();
        return path.toString();
    }

    /** As prepare reads its variables: an empty one is none. */
    private static String notEmpty(@Nullable String value, String otherwise) {
        return value == null || value.isEmpty() ? otherwise : value;
    }

    String work() {
        return work.toString();
    }
}
