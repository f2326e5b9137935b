package dev.sallyport.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** The version that was built. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
        try (InputStream version = Version.class.getResourceAsStream("version")) {
            String text = new String(Objects.requireNonNull(version).readAllBytes(), StandardCharsets.UTF_8).strip();
            return new String[] {"sallyport " + text};
        }
    }
}
