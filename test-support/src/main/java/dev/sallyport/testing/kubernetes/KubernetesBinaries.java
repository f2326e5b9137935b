package dev.sallyport.testing.kubernetes;

import dev.sallyport.bootstrap.UserCache;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the programs: in {@code $KUBEBUILDER_ASSETS}, else where {@code test-support/kubernetes/prepare} built them. */
final class KubernetesBinaries {
    private static final Pattern VERSION = Pattern.compile("k8s\\.io/kubernetes (v[0-9.]+)");

    private final List<Path> directories;

    KubernetesBinaries(Map<String, String> environment) {
        Path built = UserCache.directory(environment).resolve("kubernetes").resolve(buildName());
        String assets = environment.getOrDefault("KUBEBUILDER_ASSETS", "");
        // What envtest publishes has no kube-controller-manager.
        this.directories =
                assets.isEmpty() ? List.of(built) : List.of(Path.of(assets).toAbsolutePath(), built);
    }

    Path program(String name) {
        return directories.stream()
                .map(directory -> directory.resolve(name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(
                        () -> new IllegalStateException(
                                "no " + name + " in " + directories
                                        + " (expected: what test-support/kubernetes/prepare builds; run it where there are Go and a network, or name a directory with kube-apiserver, etcd and kubectl in KUBEBUILDER_ASSETS)"));
    }

    /** As {@code prepare} names the directory: after the pins that it was built from. */
    private static String buildName() {
        try {
            byte[] module = resource("go.mod");
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(module);
            digest.update(resource("go.sum"));
            Matcher version = VERSION.matcher(new String(module, StandardCharsets.UTF_8));
            if (!version.find()) {
                throw new IllegalStateException("go.mod pins no k8s.io/kubernetes");
            }
            return version.group(1) + "-" + HexFormat.of().formatHex(digest.digest(), 0, 6);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream content = Objects.requireNonNull(KubernetesBinaries.class.getResourceAsStream(name), name)) {
            return content.readAllBytes();
        }
    }
}
