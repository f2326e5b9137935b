package dev.sallyport.source.file;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a {@link FileSource} reads.
 *
 * @param policies files, and directories of which {@code *.yaml}, {@code *.yml} and {@code *.json} count (not those below them); none has to exist yet
 * @param secrets a directory {@code DIR/NAME/KEY} of Secrets, for every namespace
 * @param configMaps the same of ConfigMaps
 * @param quiet how long nothing must change before a change is read, so that an edit is read once and whole; at least 1 ms
 * @param poll how often everything is read although nothing was heard, for file systems that do not tell
 */
public record FileSourceConfig(
        List<Path> policies, Optional<Path> secrets, Optional<Path> configMaps, Duration quiet, Duration poll) {
    /** A change is read at the latest after this many times {@link #quiet}, though files go on changing. */
    static final int QUIETS_AT_MOST = 5;

    public FileSourceConfig {
        policies = List.copyOf(policies);
    }

    /** With the defaults: 50 ms and 1 s. */
    public static FileSourceConfig of(List<Path> policies, Optional<Path> secrets, Optional<Path> configMaps) {
        return new FileSourceConfig(policies, secrets, configMaps, Duration.ofMillis(50), Duration.ofSeconds(1));
    }
}
