package dev.sallyport.snapshot;

import dev.sallyport.credential.CredentialLookup;
import dev.sallyport.policy.HostEntry;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.source.SourceState;
import java.util.List;
import java.util.Optional;

/**
 * What a source holds under the names that one policy refers to, in the order of its entries. Equal references need no second look, whatever else changed in the source.
 */
record References(List<CredentialLookup> credentials, List<Optional<String>> configMaps) {
    static final References NONE = new References(List.of(), List.of());
    private static final CredentialLookup LITERAL = new CredentialLookup.Missing("the value is in the policy");

    static References of(PolicyId id, List<HostEntry> hosts, SourceState source) {
        String namespace = id.namespace();
        return new References(
                hosts.stream()
                        .flatMap(entry -> entry.credentials().stream()
                                .map(spec -> spec.secret()
                                        .map(key -> source.credentials()
                                                .find(
                                                        namespace,
                                                        key,
                                                        entry.host().text()))
                                        .orElse(LITERAL)))
                        .toList(),
                hosts.stream()
                        .flatMap(entry -> entry.trustedCa().stream())
                        .map(key -> source.configMaps().find(namespace, key))
                        .toList());
    }
}
