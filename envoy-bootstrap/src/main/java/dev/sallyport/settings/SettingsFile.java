package dev.sallyport.settings;

import dev.sallyport.policy.Fields;
import dev.sallyport.policy.Problems;
import dev.sallyport.policy.yaml.YamlDefect;
import dev.sallyport.policy.yaml.YamlDocument;
import dev.sallyport.policy.yaml.YamlReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the settings file, strictly: what has no meaning, or two, is an error, and all errors are told at once. Thread-safe: has no state. */
public final class SettingsFile {
    private static final Logger LOG = LoggerFactory.getLogger(SettingsFile.class);
    /** What a ConfigMap can hold. */
    private static final int MAX_BYTES = 1 << 20;

    private static final String OBJECT = "settings";

    private SettingsFile() {}

    /**
     * The settings in {@code file}; {@link ClusterSettings#DEFAULT} when it does not exist, because the ConfigMap that it is mounted from is optional.
     *
     * @throws SettingsException when it cannot be read or used; the message is for people
     */
    public static ClusterSettings read(Path file) throws SettingsException {
        byte[] bytes;
        try {
            bytes = bytes(file);
        } catch (NoSuchFileException e) {
            LOG.info("{} does not exist: every setting has its default", file);
            return ClusterSettings.DEFAULT;
        } catch (IOException e) {
            throw new SettingsException(file + ": cannot be read (" + reason(e) + "), expected a YAML file", e);
        }
        try {
            return parse(
                    file.toString(),
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes))
                            .toString());
        } catch (CharacterCodingException e) {
            throw new SettingsException(file + ": found bytes that are not UTF-8, expected a YAML file", e);
        }
    }

    private static byte[] bytes(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException("it is longer than " + (MAX_BYTES >> 20) + " MiB");
        }
        return Files.readAllBytes(file);
    }

    private static String reason(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    /** The settings that {@code yaml} says; a text without a document says none, and all have their defaults. */
    static ClusterSettings parse(String file, String yaml) throws SettingsException {
        Problems problems = new Problems(file, OBJECT);
        List<YamlDocument> documents = YamlReader.read(file, yaml);
        for (YamlDocument document : documents) {
            for (YamlDefect defect : document.defects()) {
                problems.error(defect.line(), defect.path(), defect.message());
            }
        }
        if (documents.size() > 1) {
            problems.error(documents.get(1).line(), "", "found a second document, expected one");
        }
        ClusterSettings settings = ClusterSettings.DEFAULT;
        if (!documents.isEmpty() && documents.get(0).complete()) {
            settings = new SettingsReader(new Fields(documents.get(0).root(), "", problems, SettingsReader.FIELDS))
                    .settings();
        }
        if (!problems.noErrors()) {
            throw new SettingsException(problems.sorted());
        }
        return settings;
    }
}
