package dev.sallyport.cli.machine;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The machine's own programs for namespaces, networks and packet rules. */
final class HostTools {
    /** Each program and the Debian package that has it. */
    private static final SortedMap<String, String> PACKAGES = new TreeMap<>(Map.of(
            "ip", "iproute2",
            "iptables", "iptables",
            "iptables-restore", "iptables",
            "ip6tables", "iptables",
            "ip6tables-restore", "iptables",
            "mount", "mount",
            "nsenter", "util-linux",
            "setpriv", "util-linux",
            "unshare", "util-linux"));

    /** What to do where the machine does not let this process do what isolation takes. */
    static final String RIGHTS =
            "--isolate needs root with CAP_SYS_ADMIN and CAP_NET_ADMIN, and a kernel with network namespaces and veth interfaces (a container must be started with these capabilities)";

    /** Names every program that is missing, at once. */
    static void require(String path) throws IsolationException {
        List<String> missing = PACKAGES.entrySet().stream()
                .filter(program -> !onPath(program.getKey(), path))
                .map(program -> program.getKey() + " (Debian package " + program.getValue() + ")")
                .toList();
        if (!missing.isEmpty()) {
            throw new IsolationException(
                    "--isolate needs programs that are not installed: " + String.join(", ", missing));
        }
    }

    /** Runs a command and returns what it printed. */
    static String run(String... command) throws IsolationException {
        return run(List.of(command), "");
    }

    /** Runs a command with that input and returns what it printed; a status other than 0 is an exception with what it complained about. */
    static String run(List<String> command, String input) throws IsolationException {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            Optional<IOException> unread = feed(process, input);
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int status = process.waitFor();
            if (status != 0) {
                throw new IsolationException("'" + String.join(" ", command) + "' failed with status " + status + ": "
                        + printed.strip().replace('\n', ' ') + "; " + advice(command));
            }
            if (unread.isPresent()) {
                throw unread.get();
            }
            return printed;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IsolationException("interrupted while running '" + String.join(" ", command) + "'");
        } catch (IsolationException e) {
            throw e;
        } catch (IOException e) {
            throw new IsolationException("cannot run '" + String.join(" ", command) + "': " + e.getMessage());
        }
    }

    /** One that ends before it has read all says why by itself: what came of writing counts only where it succeeds. */
    private static Optional<IOException> feed(Process process, String input) {
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(e);
        }
    }

    private static String advice(List<String> command) {
        return command.stream().anyMatch(word -> word.startsWith("iptables") || word.startsWith("ip6tables"))
                ? "packet rules for IPv4 and IPv6 are what isolates: see that 'iptables -S' and 'ip6tables -S' work as root (kernel modules nf_tables, or ip_tables and ip6_tables)"
                : RIGHTS;
    }

    private static boolean onPath(String program, String path) {
        for (String directory : path.split(File.pathSeparator, -1)) {
            if (!directory.isEmpty() && Files.isExecutable(Path.of(directory, program))) {
                return true;
            }
        }
        return false;
    }

    private HostTools() {}
}
