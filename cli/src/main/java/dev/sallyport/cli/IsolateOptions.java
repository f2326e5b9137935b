package dev.sallyport.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How {@code run --isolate} isolates. */
final class IsolateOptions {
    @Option(
            names = "--isolate",
            description =
                    "Give the command network, mount, IPC and PID namespaces of its own, with packet rules that leave no way out but the sidecar. Needs root. The state, secret and policy files do not exist for it, nor /run, /tmp and /dev/shm as others see them.")
    boolean isolate;

    @Option(
            names = "--user",
            paramLabel = "USER",
            description = "With --isolate: the user who runs the command, never root (default: the user behind sudo).")
    @Nullable
    String user;

    @Option(
            names = "--resolver",
            paramLabel = "ADDRESS",
            description = "With --isolate: a DNS server to use instead of the machine's. Repeatable.")
    List<String> resolvers = new ArrayList<>();

    @Option(
            names = "--show",
            paramLabel = "DIR",
            description =
                    "With --isolate: a directory below /tmp, /run or /dev/shm that the command may see besides the current one. Repeatable.")
    List<Path> shown = new ArrayList<>();

    /** They do nothing without {@code --isolate}. */
    void requireUnused() {
        if (user != null || !resolvers.isEmpty() || !shown.isEmpty()) {
            throw new UserError(ExitCode.USAGE, "--user, --resolver and --show are of no effect without --isolate");
        }
    }
}
