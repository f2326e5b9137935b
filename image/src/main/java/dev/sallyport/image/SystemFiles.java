package dev.sallyport.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What Java and the command need of an operating system: a C library, a shell, a user, CA certificates. All of it is this machine's. */
record SystemFiles(Optional<Path> publicRoots) {
    static final int USER = 65_532;
    static final String PUBLIC_ROOTS = "/etc/ssl/certs/ca-certificates.crt";

    /** As packages bring them. The machine's own bundle may have roots besides that belong to its owner alone. */
    private static final Path PACKAGED_ROOTS = Path.of("/usr/share/ca-certificates/mozilla");

    private static final List<Path> BUNDLES = List.of(
            Path.of(PUBLIC_ROOTS),
            Path.of("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"),
            Path.of("/etc/ssl/ca-bundle.pem"),
            Path.of("/etc/ssl/cert.pem"));

    /** Adds them; says which. */
    String into(StagedRoot root) throws IOException, InterruptedException {
        root.text("/etc/passwd", """
                root:x:0:0:root:/root:/sbin/nologin
                sallyport:x:%d:%d:Sallyport:/home/sallyport:/sbin/nologin
                """.formatted(USER, USER), false);
        root.text("/etc/group", "root:x:0:\nsallyport:x:%d:\n".formatted(USER), false);
        root.text("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n", false);
        root.directory("/home/sallyport", "rwxr-xr-x");
        root.directory("/tmp", "rwxrwxrwx");
        copyIfThere(root, "/etc/os-release");
        for (Path file : locale()) {
            root.copy(file, file.toString());
        }
        root.copy(Path.of("/bin/sh").toRealPath(), "/bin/sh");
        root.copy(program("prlimit"), "/usr/bin/prlimit");
        List<Path> libraries = new SharedLibraries(root).copy();
        String roots = roots(root);
        return libraries.size() + " libraries, public roots of " + roots;
    }

    /** Without it file names and arguments that are not ASCII are not understood. */
    private static List<Path> locale() throws IOException {
        Path locale = Path.of("/usr/lib/locale/C.utf8");
        if (!Files.isDirectory(locale)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(locale)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static Path program(String name) {
        return Stream.of("/usr/bin/", "/bin/")
                .map(directory -> Path.of(directory + name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new ImageException(
                        "there is no " + name + " in /usr/bin or /bin. Install it (Debian: apt install util-linux)"));
    }

    private String roots(StagedRoot root) throws IOException {
        if (publicRoots.isEmpty() && Files.isDirectory(PACKAGED_ROOTS)) {
            StringBuilder all = new StringBuilder();
            try (Stream<Path> files = Files.list(PACKAGED_ROOTS)) {
                for (Path file : files.filter(path -> path.toString().endsWith(".crt"))
                        .sorted()
                        .toList()) {
                    all.append(Files.readString(file, StandardCharsets.US_ASCII).strip())
                            .append('\n');
                }
            }
            root.text(PUBLIC_ROOTS, all.toString(), false);
            return PACKAGED_ROOTS.toString();
        }
        Path bundle = publicRoots.orElseGet(
                () -> BUNDLES.stream()
                        .filter(Files::isReadable)
                        .findFirst()
                        .orElseThrow(
                                () -> new ImageException(
                                        "no bundle of public CA certificates found. Install one (Debian: apt install ca-certificates), or name one: image/build --public-roots FILE")));
        if (!Files.readString(bundle, StandardCharsets.ISO_8859_1).contains("-----BEGIN CERTIFICATE-----")) {
            throw new ImageException("public roots " + bundle + ": no certificates (expected: CA certificates, PEM)");
        }
        root.text(PUBLIC_ROOTS, Files.readString(bundle, StandardCharsets.ISO_8859_1), false);
        return bundle.toString();
    }

    private static void copyIfThere(StagedRoot root, String file) throws IOException {
        if (Files.isRegularFile(Path.of(file))) {
            root.copy(Path.of(file), file);
        }
    }
}
