package dev.sallyport.cli;

import dev.sallyport.cli.machine.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Which running control planes {@code status} and {@code denials} speak of. */
final class StateChoice {
    /**
     * The state directories: the one that was named, or those of all runs of this user.
     *
     * @throws UserError when there is none
     */
    static List<Path> of(Optional<Path> named) throws IOException {
        if (named.isPresent()) {
            PolicyChoice.require(named.get(), "--state");
            return List.of(named.get().toAbsolutePath().normalize());
        }
        List<Path> running = RunDirectory.live(RunDirectory.root(System.getenv())).stream()
                .map(run -> run.resolve("state"))
                .filter(Files::isDirectory)
                .toList();
        if (running.isEmpty()) {
            throw new UserError(
                    ExitCode.NO,
                    "nothing runs: no 'sallyport run' of this user is active. Name the state directory of another control plane with --state DIR");
        }
        return running;
    }

    private StateChoice() {}
}
