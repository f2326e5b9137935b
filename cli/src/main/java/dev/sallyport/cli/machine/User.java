package dev.sallyport.cli.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A user of the machine.
 *
 * @param uid from 0
 * @param gid of the primary group
 */
public record User(String name, long uid, long gid, String home, String shell) {
    /** The number after it means nobody: who changes to it stays who they are. */
    private static final long LAST = 0xffff_fffeL;

    /** The user that this process runs as. */
    public static long current() {
        try {
            return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        } catch (IOException | UnsupportedOperationException e) {
            throw new IllegalStateException("/proc is not mounted", e);
        }
    }

    /** Finds a user by name, or by number, which need not have a name; empty: neither. */
    public static Optional<User> find(String nameOrUid) throws IsolationException {
        Optional<User> known = entries().stream()
                .map(line -> line.split(":", -1))
                .filter(entry -> entry.length == 7 && (entry[0].equals(nameOrUid) || entry[2].equals(nameOrUid)))
                .map(entry ->
                        new User(entry[0], Long.parseLong(entry[2]), Long.parseLong(entry[3]), entry[5], entry[6]))
                .findFirst();
        if (known.isPresent() || !nameOrUid.matches("[0-9]{1,10}")) {
            return known;
        }
        long uid = Long.parseLong(nameOrUid);
        if (uid > LAST) {
            return Optional.empty();
        }
        return Optional.of(new User(nameOrUid, uid, uid, "/", "/bin/sh"));
    }

    private static List<String> entries() throws IsolationException {
        try {
            // Also users of directories that only the C library knows.
            return HostTools.run("getent", "passwd").lines().toList();
        } catch (IsolationException noGetent) {
            try {
                return Files.readAllLines(Path.of("/etc/passwd"));
            } catch (IOException e) {
                throw new IsolationException("cannot read /etc/passwd: " + e.getMessage());
            }
        }
    }
}
