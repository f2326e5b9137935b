package dev.sallyport.cli;

import dev.sallyport.cli.machine.IsolatedCommand;
import dev.sallyport.cli.machine.IsolatedProcesses;
import dev.sallyport.cli.machine.Resolvers;
import dev.sallyport.cli.machine.User;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What {@code --isolate} was found to mean on this machine.
 *
 * @param user who runs the command
 * @param directory where it starts
 * @param hidden what it must not see
 * @param shown what it may see of the directories that are replaced
 * @param resolvers its DNS servers
 */
record Isolation(User user, Path directory, List<Path> hidden, List<Path> shown, Resolvers resolvers) {
    /** Directories that hold sockets and memory of other processes. */
    private static final List<Path> REPLACED = List.of(Path.of("/tmp"), Path.of("/run"), Path.of("/dev/shm"));

    /**
     * Checks everything that can be checked before anything is made.
     *
     * @param secret files and directories of this run that hold secrets
     */
    static Isolation of(IsolateOptions options, List<Path> secret, Map<String, String> environment) throws IOException {
        if (User.current() != 0) {
            throw new UserError(
                    "--isolate needs root, to make namespaces and packet rules: run it with sudo (the command itself runs as you, without any right), or leave --isolate out and rely on the proxy environment alone");
        }
        IsolatedCommand.requireTools(environment.getOrDefault("PATH", ""));
        Path directory = Path.of("").toRealPath();
        List<Path> hidden = real(secret);
        for (Path path : hidden) {
            if (directory.startsWith(path)) {
                throw new UserError("the current directory " + directory + " is in " + path
                        + ", which the isolated command must not see; start it from elsewhere");
            }
        }
        List<Path> shown = Stream.concat(Stream.of(directory), real(options.shown).stream())
                .filter(Isolation::isReplaced)
                .distinct()
                .toList();
        return new Isolation(user(options, environment), directory, hidden, shown, resolvers(options));
    }

    private static User user(IsolateOptions options, Map<String, String> environment) throws IOException {
        String named = options.user != null ? options.user : environment.getOrDefault("SUDO_UID", "");
        if (named.isEmpty()) {
            throw new UserError(
                    "--isolate needs to know who runs the command: name a user with --user, or call it by sudo");
        }
        User user = User.find(named).orElseThrow(() -> new UserError("--user " + named + ": no such user"));
        if (user.uid() == 0) {
            throw new UserError(
                    "--user " + named + ": root cannot be isolated (expected: an ordinary user); name one with --user");
        }
        if (user.uid() >= IsolatedProcesses.FIRST_SIDECAR_UID && user.uid() <= IsolatedProcesses.LAST_SIDECAR_UID) {
            throw new UserError("--user " + named + ": users " + IsolatedProcesses.FIRST_SIDECAR_UID + " to "
                    + IsolatedProcesses.LAST_SIDECAR_UID
                    + " are sidecars, whose packets leave (expected: an ordinary user); name one with --user");
        }
        return user;
    }

    private static Resolvers resolvers(IsolateOptions options) throws IOException {
        return options.resolvers.isEmpty() ? Resolvers.ofMachine() : Resolvers.named(options.resolvers);
    }

    private static boolean isReplaced(Path path) {
        return REPLACED.stream().anyMatch(path::startsWith);
    }

    private static List<Path> real(List<Path> paths) throws IOException {
        List<Path> real = new ArrayList<>();
        for (Path path : paths) {
            // What does not exist yet, such as a new state directory, does when the command starts.
            real.add(
                    Files.exists(path)
                            ? path.toRealPath()
                            : path.toAbsolutePath().normalize());
        }
        return List.copyOf(real);
    }
}
