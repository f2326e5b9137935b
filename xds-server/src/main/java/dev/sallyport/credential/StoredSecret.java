package dev.sallyport.credential;

import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One Secret as a source read it: its keys and to which hosts their values may go, or the reason why none of them can be used. Immutable; equality is by content. Prints no value. */
public final class StoredSecret {
    private final SortedMap<String, CredentialLookup> keys;
    private final SecretHosts hosts;
    private final @Nullable String broken;

    private StoredSecret(SortedMap<String, CredentialLookup> keys, SecretHosts hosts, @Nullable String broken) {
        this.keys = Collections.unmodifiableSortedMap(keys);
        this.hosts = hosts;
        this.broken = broken;
    }

    /** A Secret of these keys; a key that is there but cannot be used is {@link CredentialLookup.Missing} with its reason. */
    public static StoredSecret of(SortedMap<String, CredentialLookup> keys) {
        return of(keys, SecretHosts.ANY);
    }

    /** The same, of which the values may go to these hosts only. */
    public static StoredSecret of(SortedMap<String, CredentialLookup> keys, SecretHosts hosts) {
        return new StoredSecret(new TreeMap<>(keys), hosts, null);
    }

    /** A Secret that cannot be used at all. {@code reason} is for people and never holds a value. */
    public static StoredSecret broken(String reason) {
        return new StoredSecret(new TreeMap<>(), SecretHosts.ANY, reason);
    }

    Optional<String> brokenReason() {
        return Optional.ofNullable(broken);
    }

    /** Why no value of it must go to that host. */
    Optional<String> refusal(String host) {
        return hosts.refusal(host);
    }

    /** What is known of that key; empty when the Secret does not have it. */
    Optional<CredentialLookup> key(String key) {
        return Optional.ofNullable(keys.get(key));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StoredSecret that
                && keys.equals(that.keys)
                && hosts.equals(that.hosts)
                && brokenReason().equals(that.brokenReason());
    }

    @Override
    public int hashCode() {
        return keys.keySet().hashCode();
    }

    @Override
    public String toString() {
        return broken == null ? "Secret with " + keys.keySet() : "Secret that cannot be used: " + broken;
    }
}
