package dev.sallyport.cli;

import dev.sallyport.policy.EgressPolicy;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * One {@code run}, with everything about it decided.
 *
 * @param state empty: a directory that is removed at the end
 * @param isolation empty: the machine's network
 * @param command with its arguments, not empty
 */
record RunOptions(
        SourceOptions sources,
        EgressPolicy policy,
        Optional<Path> state,
        Optional<Path> envoy,
        Optional<Path> accessLog,
        Optional<Path> publicRoots,
        Optional<Isolation> isolation,
        List<String> command) {
    RunOptions {
        command = List.copyOf(command);
    }

    /** Whether there is anything for a sidecar to do. Under None only where the packets of a command can be stopped there is not: elsewhere the sidecar is all that says no. */
    boolean hasSidecar() {
        return switch (policy.access()) {
            case Restricted -> true;
            case None -> isolation.isEmpty();
            case Unrestricted -> false;
        };
    }
}
