package dev.sallyport.source.file;

import dev.sallyport.source.StoredConfigMap;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** ConfigMaps as {@code DIR/NAME/KEY}, one file a key, UTF-8 text. They serve every namespace, as there is none in their path. */
final class ConfigMapDirectory implements ObjectDirectory.Assembly<StoredConfigMap> {
    private final Path root;

    private ConfigMapDirectory(Path root) {
        this.root = root;
    }

    static ObjectDirectory<StoredConfigMap> of(Path root) {
        return new ObjectDirectory<>(root, new ConfigMapDirectory(root));
    }

    @Override
    public StoredConfigMap assemble(
            String name, SortedMap<String, ObjectDirectory.Content> files, List<String> problems) {
        SortedMap<String, String> data = new TreeMap<>();
        files.forEach((key, content) -> {
            if (content instanceof ObjectDirectory.Bytes bytes) {
                try {
                    data.put(key, text(bytes.value()));
                } catch (CharacterCodingException e) {
                    problems.add(root.resolve(name).resolve(key) + " is not UTF-8 text; skipped");
                }
            }
        });
        return StoredConfigMap.of(data);
    }

    /** Decodes strictly: a replacement character would silently change a certificate. */
    static String text(byte[] bytes) throws CharacterCodingException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes))
                .toString();
    }

    @Override
    public StoredConfigMap broken(String reason) {
        return StoredConfigMap.broken(reason);
    }
}
