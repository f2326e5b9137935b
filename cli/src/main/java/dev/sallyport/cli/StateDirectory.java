package dev.sallyport.cli;

import dev.sallyport.cli.machine.FileLocks;
import dev.sallyport.policy.PolicyId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Where a control plane on one machine keeps what it must not lose and what others read: the root seed, tokens, trust files, the status socket. Only its owner can enter it. One process at a time uses it.
 */
final class StateDirectory implements AutoCloseable {
    private static final String OWNER_ONLY = "rwx------";

    private final Path path;
    private final FileLocks.Held lock;

    private StateDirectory(Path path, FileLocks.Held lock) {
        this.path = path;
        this.lock = lock;
    }

    /** Makes it where it does not exist, and takes it. */
    static StateDirectory open(Path path) throws IOException {
        if (Files.exists(path) && !Files.isDirectory(path)) {
            throw new UserError("--state " + path + " is not a directory");
        }
        Path directory = ownerOnly(path.toAbsolutePath().normalize());
        FileLocks.Held lock = FileLocks.tryToTake(directory.resolve("lock"))
                .orElseThrow(() -> new UserError("--state " + path
                        + " is in use by another sallyport; give each its own, or end the other ('sallyport status --state "
                        + path + "' shows it)"));
        return new StateDirectory(directory, lock);
    }

    Path path() {
        return path;
    }

    /** The root seed, from which all keys are derived. */
    Path seed() {
        return path.resolve("seed");
    }

    /** The CA certificates that sidecars check the control plane with. */
    Path xdsCa() {
        return path.resolve("xds-ca.pem");
    }

    Path statusSocket() {
        return statusSocket(path);
    }

    static Path statusSocket(Path state) {
        return state.resolve("status.sock");
    }

    /** What was refused, one line of the sidecars' access logs each, as far as this process sees them. */
    static Path denials(Path state) {
        return state.resolve("denials.jsonl");
    }

    /** The token of a workload's sidecars; its directory exists. */
    Path token(PolicyId workload) throws IOException {
        return ownerOnly(path.resolve("tokens").resolve(workload.namespace()).resolve(workload.name()))
                .resolve("token");
    }

    /** The files that a workload's apps trust their sidecar by. */
    Path trust(PolicyId workload) {
        return path.resolve("trust").resolve(workload.namespace()).resolve(workload.name());
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }

    private static Path ownerOnly(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_ONLY)));
        }
        return directory;
    }
}
