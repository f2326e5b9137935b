package dev.sallyport.cli.machine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one run changed on the machine, written down before each change: first the network it was made in, then for each change a line of JSON, the command that takes it back. Undone from the last to the first when the run ends,
 * or, when it was killed, by the next one. Not thread-safe.
 */
final class HostJournal {
    private static final Logger LOG = LoggerFactory.getLogger(HostJournal.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<List<String>> COMMAND = new TypeReference<>() {};

    private final Path file;

    private HostJournal(Path file) {
        this.file = file;
    }

    /** An empty journal for a run in this process's network. */
    static HostJournal create(Path file) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, thisNetwork() + "\n");
        return new HostJournal(file);
    }

    /** One that a run left behind; it may not be there. */
    static HostJournal leftBehind(Path file) {
        return new HostJournal(file);
    }

    /** Writes down how to take back what is done next. */
    void undoWith(List<String> command) throws IsolationException {
        try {
            Files.writeString(file, JSON.writeValueAsString(command) + "\n", StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new IsolationException("cannot write " + file + ": " + e.getMessage());
        }
    }

    /** Takes everything back. What cannot be is skipped: it was never done, or somebody else took it away. */
    void undo() throws IOException {
        List<String> lines = lines();
        for (int i = lines.size() - 1; i > 0; i--) {
            undo(lines.get(i));
        }
    }

    /** Whether the changes were made in this process's network. */
    boolean isOfThisNetwork() throws IOException {
        return network().equals(thisNetwork());
    }

    /** Whether a process lives in the network that the changes were made in. */
    boolean networkExists() throws IOException {
        String network = network();
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes
                    .map(process -> process.resolve("ns/net"))
                    .anyMatch(link -> networkOf(link).map(network::equals).orElse(false));
        }
    }

    /** This process's network: {@code net:[4026531840]}. */
    static String thisNetwork() {
        return networkOf(Path.of("/proc/self/ns/net")).orElse("");
    }

    private String network() throws IOException {
        List<String> lines = lines();
        return lines.isEmpty() ? "" : lines.get(0);
    }

    private List<String> lines() throws IOException {
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    private static Optional<String> networkOf(Path link) {
        try {
            return Optional.of(Files.readSymbolicLink(link).toString());
        } catch (IOException | SecurityException unreadable) {
            return Optional.empty();
        }
    }

    private static void undo(String line) {
        try {
            HostTools.run(JSON.readValue(line, COMMAND), "");
        } catch (JsonProcessingException torn) {
            LOG.debug("the last line is not complete, so its change was not made: {}", torn.getOriginalMessage());
        } catch (IsolationException e) {
            LOG.debug("not taken back: {}", e.getMessage());
        }
    }
}
