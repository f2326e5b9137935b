package dev.sallyport.cli.machine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What to run isolated.
 *
 * @param user who runs it; neither root nor the sidecar
 * @param directory where it starts; stays visible wherever it is
 * @param trust the trust directory, which it sees as {@link #TRUST}
 * @param hidden files and directories that it must not see, absolute, without symbolic links
 * @param visible directories below {@code /tmp}, {@code /run} or {@code /dev/shm} that it may see, absolute, without symbolic links; all else there is replaced by nothing, because sockets of other processes are there
 * @param command the program and its arguments
 */
public record IsolatedCommand(
        User user, Path directory, Path trust, List<Path> hidden, List<Path> visible, List<String> command) {
    /** Where the command finds its trust directory. */
    public static final String TRUST = "/run/sallyport/trust";

    public IsolatedCommand {
        hidden = List.copyOf(hidden);
        visible = List.copyOf(visible);
        command = List.copyOf(command);
    }

    /** Names all programs that isolation needs and {@code path} has not. */
    public static void requireTools(String path) throws IsolationException {
        HostTools.require(path);
    }

    /** As {@code command.sh} reads them. */
    List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        arguments.add(trust.toString());
        arguments.add(Long.toString(user.uid()));
        arguments.add(Long.toString(user.gid()));
        arguments.add(directory.toString());
        hidden.forEach(path -> arguments.addAll(List.of("hide", path.toString())));
        visible.forEach(path -> arguments.addAll(List.of("show", path.toString())));
        arguments.add("--");
        arguments.addAll(command);
        return arguments;
    }
}
