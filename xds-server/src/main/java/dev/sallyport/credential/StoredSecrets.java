package dev.sallyport.credential;

import dev.sallyport.policy.ObjectName;
import dev.sallyport.policy.PersistentMap;
import dev.sallyport.policy.SecretKey;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * All Secrets at one moment: those that have a namespace, and those of a directory, which serve every namespace. A key that both define is ambiguous and so cannot be used: nobody could tell which of the two would go out. Nor
 * can any key of a Secret that either of them holds broken. Immutable: a change is a new instance, and shares what did not change; equality is by content.
 */
public final class StoredSecrets {
    public static final StoredSecrets NONE = new StoredSecrets(PersistentMap.empty(), "");

    private final PersistentMap<ObjectName, StoredSecret> objects;
    private final String whereElse;

    private StoredSecrets(PersistentMap<ObjectName, StoredSecret> objects, String whereElse) {
        this.objects = objects;
        this.whereElse = whereElse;
    }

    /**
     * Secrets of both origins.
     *
     * @param manifests by {@code NAMESPACE/NAME}
     * @param directory by {@code NAME}
     */
    public static StoredSecrets of(Map<String, StoredSecret> manifests, Map<String, StoredSecret> directory) {
        Map<ObjectName, StoredSecret> objects = new HashMap<>();
        manifests.forEach((id, secret) -> objects.put(ObjectName.parse(id), secret));
        directory.forEach((name, secret) -> objects.put(ObjectName.shared(name), secret));
        return new StoredSecrets(PersistentMap.of(objects), "");
    }

    /** The same where a document could not be read, {@code FILE:LINE}: a Secret that is missed may be in it. */
    public StoredSecrets besideUnreadable(String place) {
        return new StoredSecrets(
                objects, ", or is in " + place + ", which cannot be read ('sallyport check' says why)");
    }

    /** Whether what {@link #find} says of a Secret that does not exist is not what {@code before} said. */
    public boolean explainsOtherwise(StoredSecrets before) {
        return !whereElse.equals(before.whereElse);
    }

    /** These, with {@code secret} in the place of what has that name. */
    public StoredSecrets with(ObjectName name, StoredSecret secret) {
        return new StoredSecrets(objects.with(name, secret), whereElse);
    }

    /** These, without the one of that name. */
    public StoredSecrets without(ObjectName name) {
        return new StoredSecrets(objects.without(name), whereElse);
    }

    /** Each name under which there is something else than in {@code before}. What both share is not looked at. */
    public void differences(StoredSecrets before, Consumer<? super ObjectName> name) {
        objects.differences(before.objects, name);
    }

    /**
     * What is known of one key of a Secret in {@code namespace}, for use on requests to {@code host}: no value is given out for a host that the Secret's owner does not allow.
     *
     * @param host as policies have it, normalised
     */
    public CredentialLookup find(String namespace, SecretKey key, String host) {
        String id = namespace + "/" + key.name();
        Optional<StoredSecret> manifest = objects.find(new ObjectName(namespace, key.name()));
        Optional<StoredSecret> shared = objects.find(ObjectName.shared(key.name()));
        if (manifest.isEmpty() && shared.isEmpty()) {
            return new CredentialLookup.Missing("Secret " + id + " does not exist" + whereElse);
        }
        Optional<String> broken =
                manifest.flatMap(StoredSecret::brokenReason).or(() -> shared.flatMap(StoredSecret::brokenReason));
        if (broken.isPresent()) {
            return new CredentialLookup.Missing("Secret " + id + " cannot be used: " + broken.get());
        }
        Optional<String> refusal = refusal(namespace, key.name(), host);
        return refusal.isPresent()
                ? new CredentialLookup.Missing(refusal.get())
                : keyOf(id, key.key(), manifest, shared);
    }

    /** Why no value of that Secret must go to {@code host}, as its owner says; empty: nothing is said against it. */
    public Optional<String> refusal(String namespace, String name, String host) {
        return Stream.of(objects.find(new ObjectName(namespace, name)), objects.find(ObjectName.shared(name)))
                .flatMap(Optional::stream)
                .flatMap(secret -> secret.refusal(host).stream())
                .findFirst()
                .map(reason -> "Secret " + namespace + "/" + name + " " + reason);
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
        return other instanceof StoredSecrets that && objects.equals(that.objects) && whereElse.equals(that.whereElse);
    }

    @Override
    public int hashCode() {
        return objects.hashCode();
    }

    @Override
    public String toString() {
        return "Secrets " + objects;
    }
}
