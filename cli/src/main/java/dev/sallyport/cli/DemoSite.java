package dev.sallyport.cli;

import dev.sallyport.pki.RootSeed;
import dev.sallyport.pki.SystemCa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;

/** What the demo works on: hosts that exist on loopback only, a policy about them, and Secrets made up for this one time. */
final class DemoSite implements AutoCloseable {
    static final String API = "api.demo.example";
    static final String OTHER = "b.demo.example";
    static final String PINNED = "pinned.demo.example";
    static final String UNTRUSTED = "untrusted.demo.example";
    static final String NO_SECRET = "nosecret.demo.example";

    /** In every hosts file, and on no public address. */
    static final String LOOPBACK = "localhost";

    private final SystemCa ca;
    private final DemoUpstream upstream;
    private final DemoUpstream untrusted;
    private final Path directory;

    DemoSite(Path directory) throws IOException {
        this.directory = Files.createDirectories(directory);
        ca = newCa();
        upstream = new DemoUpstream(
                ca.issue(List.of(API, OTHER, PINNED, NO_SECRET)).current());
        untrusted = new DemoUpstream(newCa().issue(List.of(UNTRUSTED)).current());
        setKey("api", "first");
        writePolicy(true);
    }

    /** The CA of the upstreams, which no public root has signed. */
    String caPem() {
        return ca.pem();
    }

    Path policy() {
        return directory.resolve("policy.yaml");
    }

    Path secrets() {
        return directory.resolve("secrets");
    }

    /** Puts a value into a Secret: {@code NAME/token}. */
    void setKey(String name, String value) throws IOException {
        Path secret = Files.createDirectories(secrets().resolve(name));
        Path temporary = secret.resolve(".token");
        Files.writeString(temporary, value);
        Files.move(
                temporary,
                secret.resolve("token"),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    /** Writes the policy, with {@link #OTHER} or without. */
    void writePolicy(boolean withOther) throws IOException {
        String text = """
                apiVersion: sallyport.dev/v1alpha1
                kind: EgressPolicy
                metadata: {name: demo, namespace: demo}
                spec:
                  capture: Proxy
                  hosts:
                  - host: %s
                    resolveTo: ["127.0.0.1:%d"]
                    trustedCa: {configMapKeyRef: {name: demo-roots, key: ca.pem}}
                    credentials:
                    - {header: x-api-key, valueFrom: {secretKeyRef: {name: api, key: token}}}
                """.formatted(API, upstream.port())
                + (withOther ? intercepted(OTHER, upstream.port()) : "")
                + intercepted(UNTRUSTED, untrusted.port())
                + intercepted(NO_SECRET, upstream.port())
                + "    credentials:\n    - {header: x-api-key, valueFrom: {secretKeyRef: {name: later, key: token}}}\n"
                + "  - {host: %s, tls: Passthrough, resolveTo: [\"127.0.0.1:%d\"]}\n".formatted(PINNED, upstream.port())
                + "  - {host: \"*.wild.demo.example\"}\n"
                + "  - {host: bad.wild.demo.example, action: Deny}\n"
                + "  - {host: %s}\n".formatted(LOOPBACK)
                + """
                ---
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: demo-roots, namespace: demo}
                data:
                  ca.pem: |
                """ + ca.pem().indent(4);
        Path temporary = directory.resolve(".policy.yaml");
        Files.writeString(temporary, text);
        Files.move(temporary, policy(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void close() {
        upstream.close();
        untrusted.close();
    }

    private static String intercepted(String host, int port) {
        return """
                  - host: %s
                    resolveTo: ["127.0.0.1:%d"]
                    trustedCa: {configMapKeyRef: {name: demo-roots, key: ca.pem}}
                """.formatted(host, port).indent(0);
    }

    private static SystemCa newCa() {
        byte[] seed = new byte[RootSeed.LENGTH];
        new SecureRandom().nextBytes(seed);
        return new SystemCa(RootSeed.of(seed), Clock.systemUTC());
    }
}
