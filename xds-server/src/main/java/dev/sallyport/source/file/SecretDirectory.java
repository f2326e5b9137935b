package dev.sallyport.source.file;

import dev.sallyport.credential.CredentialLookup;
import dev.sallyport.credential.CredentialValue;
import dev.sallyport.credential.StoredSecret;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Secrets as {@code DIR/NAME/KEY}, one file a key, bytes as they are. They serve every namespace, as there is none in their path. */
final class SecretDirectory implements ObjectDirectory.Assembly<StoredSecret> {
    static ObjectDirectory<StoredSecret> of(Path root) {
        return new ObjectDirectory<>(root, new SecretDirectory());
    }

    @Override
    public StoredSecret assemble(String name, SortedMap<String, ObjectDirectory.Content> files, List<String> problems) {
        SortedMap<String, CredentialLookup> keys = new TreeMap<>();
        files.forEach((key, content) -> keys.put(key, lookup(content)));
        return StoredSecret.of(keys);
    }

    private static CredentialLookup lookup(ObjectDirectory.Content content) {
        if (content instanceof ObjectDirectory.Bytes bytes) {
            return new CredentialLookup.Found(CredentialValue.of(bytes.value()));
        }
        return new CredentialLookup.Missing(((ObjectDirectory.Unread) content).reason());
    }

    @Override
    public StoredSecret broken(String reason) {
        return StoredSecret.broken(reason);
    }

    private SecretDirectory() {}
}
