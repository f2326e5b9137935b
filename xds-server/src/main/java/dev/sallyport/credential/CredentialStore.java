package dev.sallyport.credential;

import dev.sallyport.policy.SecretKey;

/** All Secrets at one moment. Implementations are immutable: a change is a new store. */
public interface CredentialStore {
    /** Looks up one key of a Secret in {@code namespace}. */
    CredentialLookup find(String namespace, SecretKey key);

    /** A store without Secrets. */
    static CredentialStore empty() {
        return (namespace, key) ->
                new CredentialLookup.Missing("Secret " + namespace + "/" + key.name() + " does not exist");
    }
}
