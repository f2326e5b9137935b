package dev.sallyport.testing.kubernetes;

import dev.sallyport.testing.TestPki;
import dev.sallyport.testing.TestPki.ServerCertificate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.Key;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The throw-away keys, certificates and data of one cluster, in a directory of its own. */
final class ClusterFiles {
    private static final Base64.Encoder MIME = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

    private final Path directory;
    private final TestPki authority = new TestPki("Kubernetes of the tests");
    private final List<Path> tokenKeys = Collections.synchronizedList(new ArrayList<>());

    private ClusterFiles(Path directory) {
        this.directory = directory;
    }

    static ClusterFiles create(SigningKey signingKey) {
        try {
            ClusterFiles files = new ClusterFiles(Files.createTempDirectory("sallyport-kubernetes-"));
            files.write("ca.crt", files.authority.rootPem());
            files.pair(
                    "apiserver",
                    files.authority.server(
                            "localhost",
                            "kubernetes",
                            "kubernetes.default",
                            "kubernetes.default.svc",
                            "kubernetes.default.svc.cluster.local",
                            "127.0.0.1",
                            "::1",
                            "10.0.0.1"));
            files.newTokenKey(signingKey);
            files.write(
                    "audit.yaml",
                    "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{level: Metadata}]\n");
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A key with which ServiceAccount tokens are signed from the next start of the API server on; those signed with earlier ones stay valid. */
    void newTokenKey(SigningKey type) {
        KeyPair pair = type.generate();
        String name = "service-accounts-" + tokenKeys.size();
        write(name + ".pub", pem("PUBLIC KEY", pair.getPublic()));
        tokenKeys.add(0, write(name + ".key", pem("PRIVATE KEY", pair.getPrivate())));
    }

    /** Newest first. */
    List<Path> tokenKeys() {
        return List.copyOf(tokenKeys);
    }

    /** PEM, as a client certificate and its key. */
    record Credentials(String certificate, String key) {}

    Credentials client(String user, String... groups) {
        ServerCertificate client = authority.client(user, groups);
        return new Credentials(client.certificatePem(), pem("PRIVATE KEY", client.key()));
    }

    TestPki authority() {
        return authority;
    }

    Path path(String name) {
        return directory.resolve(name);
    }

    /** Only its owner can read it. */
    Path write(String name, String content) {
        try {
            Path file = path(name);
            Files.deleteIfExists(file);
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            return Files.writeString(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void delete() {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void pair(String name, ServerCertificate certificate) {
        write(name + ".crt", certificate.certificatePem());
        write(name + ".key", pem("PRIVATE KEY", certificate.key()));
    }

    private static String pem(String type, Key key) {
        return "-----BEGIN " + type + "-----\n" + MIME.encodeToString(key.getEncoded()) + "\n-----END " + type
                + "-----\n";
    }
}
