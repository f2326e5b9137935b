package dev.sallyport.bootstrap;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Programs on {@code $PATH}, as a shell finds them. */
final class SearchPath {
    static Optional<Path> find(String program, Map<String, String> environment) {
        for (String directory : environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            // An empty element means the current directory to a shell; what runs must not depend on where one stands.
            if (!directory.isEmpty()) {
                Path file = Path.of(directory, program);
                if (Files.isRegularFile(file) && Files.isExecutable(file)) {
                    return Optional.of(file);
                }
            }
        }
        return Optional.empty();
    }

    private SearchPath() {}
}
