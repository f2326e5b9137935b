package dev.sallyport.bootstrap;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Small shell programs that stand in for real ones. */
final class Programs {
    static Path write(Path directory, String name, String body) {
        try {
            Files.createDirectories(directory);
            Path program = Files.writeString(directory.resolve(name), "#!/bin/sh\n" + body + "\n");
            return Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A program that says it is Envoy of that version. */
    static Path envoy(Path directory, String version) {
        return write(directory, "envoy", "echo \"envoy  version: abc123/" + version + "/Clean/RELEASE/BoringSSL\"");
    }

    private Programs() {}
}
