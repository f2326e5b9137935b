package dev.sallyport.source;

import dev.sallyport.credential.CredentialStore;
import dev.sallyport.policy.PolicyDocuments;
import java.util.List;

/**
 * Everything that a source holds at one moment, complete. A source hands out nothing before it has read all of it once.
 *
 * @param problems what went wrong outside of the documents, one line each, never with a secret: "cannot read secrets/api/token: permission denied; the last good value is kept"
 */
public record SourceState(
        PolicyDocuments documents, CredentialStore credentials, ConfigMaps configMaps, List<String> problems) {
    public SourceState {
        problems = List.copyOf(problems);
    }
}
