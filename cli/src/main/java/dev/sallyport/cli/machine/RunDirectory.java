package dev.sallyport.cli.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory of one run, and its journal of what it changed on the machine. The run holds a lock on it while it lives; whatever way it ends, the next run of the same user finds directories whose lock is free, takes their
 * changes back and removes them. Process IDs are not asked: they are used again.
 */
public final class RunDirectory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunDirectory.class);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String PREFIX = "run-";
    private static final String JOURNAL = "journal";

    private final Path path;
    private final FileLocks.Held lock;
    private final HostJournal journal;

    private RunDirectory(Path path, FileLocks.Held lock, HostJournal journal) {
        this.path = path;
        this.lock = lock;
        this.journal = journal;
    }

    /** Where this user's runs keep their directories: {@code /run/sallyport} for root, {@code $XDG_RUNTIME_DIR/sallyport}, or a directory of the user's own in {@code /tmp}. */
    public static Path root(Map<String, String> environment) {
        long uid = User.current();
        String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        if (uid == 0) {
            return Path.of("/run/sallyport");
        }
        return runtime.isEmpty() ? Path.of("/tmp/sallyport-" + uid) : Path.of(runtime, "sallyport");
    }

    /** The directories of runs that live, sorted; empty when there are none. */
    public static List<Path> live(Path root) throws IOException {
        List<Path> live = new ArrayList<>();
        for (Path directory : list(root)) {
            if (FileLocks.isHeld(directory.resolve("lock"))) {
                live.add(directory);
            }
        }
        return live;
    }

    /** Makes a directory for a new run, after removing what killed runs have left. */
    public static RunDirectory create(Path root) throws IOException {
        ownDirectory(root);
        try (FileLocks.Held only = FileLocks.wait(root.resolve("lock"))) {
            LOG.debug("preparing a run under {}", only);
            sweep(root);
            byte[] id = new byte[4];
            RANDOM.nextBytes(id);
            Path path = root.resolve(PREFIX + HexFormat.of().formatHex(id));
            ownDirectory(path);
            FileLocks.Held lock = FileLocks.wait(path.resolve("lock"));
            return new RunDirectory(path, lock, HostJournal.create(path.resolve(JOURNAL)));
        }
    }

    /** The directory itself. Others can pass through it, and not list it. */
    public Path path() {
        return path;
    }

    /** Eight hexadecimal digits, unlike those of any other run that lives. */
    public String id() {
        return path.getFileName().toString().substring(PREFIX.length());
    }

    HostJournal journal() {
        return journal;
    }

    /** Turns forwarding on for as long as runs need it. */
    void needForwarding(AddressFamily family) throws IOException {
        try (FileLocks.Held only = FileLocks.wait(root().resolve("lock"))) {
            LOG.debug("changing the machine under {}", only);
            Forwarding.turnOn(family, root());
        }
    }

    private Path root() {
        return path.resolveSibling(".").normalize();
    }

    @Override
    public void close() throws IOException {
        try (FileLocks.Held only = FileLocks.wait(root().resolve("lock"))) {
            LOG.debug("ending a run under {}", only);
            journal.undo();
            delete(path);
            lock.close();
            Forwarding.restoreIfUnused(root());
        }
    }

    /** Whether a run lives whose changes were made in this process's network. */
    static boolean anyLiveInThisNetwork(Path root) throws IOException {
        for (Path directory : live(root)) {
            if (HostJournal.leftBehind(directory.resolve(JOURNAL)).isOfThisNetwork()) {
                return true;
            }
        }
        return false;
    }

    private static void sweep(Path root) throws IOException {
        List<Path> live = live(root);
        for (Path directory : list(root)) {
            if (!live.contains(directory) && sweepOne(directory)) {
                LOG.warn("removed what an earlier run that was killed left in {}", directory);
            }
        }
        Forwarding.restoreIfUnused(root);
    }

    private static boolean sweepOne(Path directory) throws IOException {
        HostJournal journal = HostJournal.leftBehind(directory.resolve(JOURNAL));
        if (journal.isOfThisNetwork()) {
            journal.undo();
        } else if (journal.networkExists()) {
            // Packet rules of another network cannot be taken back from here.
            return false;
        }
        delete(directory);
        return true;
    }

    private static List<Path> list(Path root) throws IOException {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(root)) {
            return entries.filter(entry -> entry.getFileName().toString().startsWith(PREFIX))
                    .filter(Files::isDirectory)
                    .sorted()
                    .toList();
        }
    }

    /** Others may pass through: an isolated sidecar, which is another user, has its files below. Nobody else may have put the directory there. */
    private static void ownDirectory(Path path) throws IOException {
        Files.createDirectories(path);
        long owner = (int) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        if (Files.isSymbolicLink(path) || owner != User.current()) {
            throw new IOException(
                    path
                            + " belongs to somebody else (expected: a directory of this user); remove it or set XDG_RUNTIME_DIR");
        }
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx--x--x"));
    }

    private static void delete(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
