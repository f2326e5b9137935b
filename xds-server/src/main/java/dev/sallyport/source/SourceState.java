package dev.sallyport.source;

import dev.sallyport.credential.StoredSecret;
import dev.sallyport.credential.StoredSecrets;
import dev.sallyport.policy.ObjectName;
import dev.sallyport.policy.PolicyDocument;
import dev.sallyport.policy.PolicyDocuments;
import dev.sallyport.policy.PolicyId;
import java.util.List;

/**
 * Everything that a source holds at one moment, complete. A source hands out nothing before it has read all of it once. A source that hears of single objects makes each state from the one before by {@code with…} and
 * {@code without…}: that costs as much as the change, and so does finding it again, whatever else there is. Immutable.
 *
 * @param problems what went wrong outside of the documents, one line each, never with a secret: "cannot read secrets/api/token: permission denied; the last good value is kept"
 */
public record SourceState(
        PolicyDocuments documents, StoredSecrets credentials, StoredConfigMaps configMaps, List<String> problems) {
    /** Nothing at all: where a source begins to add what it reads. */
    public static final SourceState EMPTY =
            new SourceState(PolicyDocuments.NONE, StoredSecrets.NONE, StoredConfigMaps.NONE, List.of());

    public SourceState {
        problems = List.copyOf(problems);
    }

    /** With {@code document}, which names its workload, in the place of whatever documents that workload had. */
    public SourceState withPolicy(PolicyDocument document) {
        return new SourceState(documents.with(document), credentials, configMaps, problems);
    }

    public SourceState withoutPolicy(PolicyId workload) {
        return new SourceState(documents.without(workload), credentials, configMaps, problems);
    }

    public SourceState withSecret(ObjectName name, StoredSecret secret) {
        return new SourceState(documents, credentials.with(name, secret), configMaps, problems);
    }

    public SourceState withoutSecret(ObjectName name) {
        return new SourceState(documents, credentials.without(name), configMaps, problems);
    }

    public SourceState withConfigMap(ObjectName name, StoredConfigMap map) {
        return new SourceState(documents, credentials, configMaps.with(name, map), problems);
    }

    public SourceState withoutConfigMap(ObjectName name) {
        return new SourceState(documents, credentials, configMaps.without(name), problems);
    }

    /** With other {@link #problems}. */
    public SourceState withProblems(List<String> lines) {
        return new SourceState(documents, credentials, configMaps, lines);
    }
}
