package dev.sallyport.credential;

import dev.sallyport.policy.SecretKey;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Secrets of two origins at one moment: manifests, which have a namespace, and a directory, which serves every namespace. A key that both define is
 * ambiguous and so cannot be used: nobody could tell which of the two would go out. Nor can any key of a Secret that either of them holds broken. Immutable; equality is by content.
 */
public final class StoredSecrets implements CredentialStore {
    private final Map<String, StoredSecret> manifests;
    private final Map<String, StoredSecret> directory;

    private final String whereElse;

    private StoredSecrets(Map<String, StoredSecret> manifests, Map<String, StoredSecret> directory, String whereElse) {
        this.manifests = Map.copyOf(manifests);
        this.directory = Map.copyOf(directory);
        this.whereElse = whereElse;
    }

    /**
     * Secrets of both origins.
     *
     * @param manifests by {@code NAMESPACE/NAME}
     * @param directory by {@code NAME}
     */
    public static StoredSecrets of(Map<String, StoredSecret> manifests, Map<String, StoredSecret> directory) {
        return new StoredSecrets(manifests, directory, "");
    }

    /** The same where a document could not be read, {@code FILE:LINE}: a Secret that is missed may be in it. */
    public StoredSecrets besideUnreadable(String place) {
        return new StoredSecrets(
                manifests, directory, ", or is in " + place + ", which cannot be read ('sallyport check' says why)");
    }

    @Override
    public CredentialLookup find(String namespace, SecretKey key) {
        String id = namespace + "/" + key.name();
        Optional<StoredSecret> manifest = Optional.ofNullable(manifests.get(id));
        Optional<StoredSecret> shared = Optional.ofNullable(directory.get(key.name()));
        if (manifest.isEmpty() && shared.isEmpty()) {
            return new CredentialLookup.Missing("Secret " + id + " does not exist" + whereElse);
        }
        Optional<String> broken =
                manifest.flatMap(StoredSecret::brokenReason).or(() -> shared.flatMap(StoredSecret::brokenReason));
        if (broken.isPresent()) {
            return new CredentialLookup.Missing("Secret " + id + " cannot be used: " + broken.get());
        }
        return keyOf(id, key.key(), manifest, shared);
    }

    private static CredentialLookup keyOf(
            String id, String key, Optional<StoredSecret> manifest, Optional<StoredSecret> shared) {
        var found = Stream.of(manifest, shared)
                .flatMap(Optional::stream)
                .flatMap(secret -> secret.key(key).stream())
                .toList();
        return switch (found.size()) {
            case 0 -> new CredentialLookup.Missing("Secret " + id + " has no key " + key);
            case 1 -> found.get(0);
            default ->
                new CredentialLookup.Missing("Secret " + id + " has its key " + key
                        + " twice, in a manifest and in the directory of Secrets; keep one of them");
        };
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StoredSecrets that
                && manifests.equals(that.manifests)
                && directory.equals(that.directory)
                && whereElse.equals(that.whereElse);
    }

    @Override
    public int hashCode() {
        return manifests.keySet().hashCode() * 31 + directory.keySet().hashCode();
    }

    @Override
    public String toString() {
        return "Secrets " + manifests.keySet() + " of manifests, " + directory.keySet() + " of a directory";
    }
}
