package dev.sallyport.cli;

import dev.sallyport.credential.CredentialLookup;
import dev.sallyport.envoy.RenderedCredential;
import dev.sallyport.envoy.ResourceNames;
import dev.sallyport.envoy.Secrets;
import dev.sallyport.envoy.WorkloadModel;
import dev.sallyport.pki.CaBundle;
import dev.sallyport.policy.CredentialSpec;
import dev.sallyport.policy.EgressPolicy;
import dev.sallyport.policy.HostEntry;
import dev.sallyport.snapshot.DenyHints;
import dev.sallyport.source.SourceState;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a control plane would translate of a policy, if it had just started. Its CA, which only a control plane has, is named instead. */
final class RenderModel {
    private static final String WORKLOAD_CA = "[CA certificates of the workload]";

    private final EgressPolicy policy;
    private final SourceState source;

    RenderModel(EgressPolicy policy, SourceState source) {
        this.policy = policy;
        this.source = source;
    }

    WorkloadModel model() {
        return new WorkloadModel(
                policy.id(),
                policy.hosts(),
                DenyHints.notCovered(policy.id()),
                unavailable(),
                trustedCas(),
                new TreeMap<>(),
                new TreeSet<>(),
                WORKLOAD_CA);
    }

    private SortedSet<String> unavailable() {
        SortedSet<String> unavailable = new TreeSet<>();
        for (HostEntry entry : policy.hosts()) {
            for (CredentialSpec spec : entry.credentials()) {
                if (unusable(entry, spec).isPresent()) {
                    unavailable.add(entry.host().text());
                }
            }
        }
        return unavailable;
    }

    /** Why the credential cannot be sent, never with its value; empty: it can. */
    Optional<String> unusable(HostEntry entry, CredentialSpec spec) {
        String name = ResourceNames.credential(entry.host().text(), spec.header());
        return Secrets.credential(name, spec, lookup(entry, spec)) instanceof RenderedCredential.Unusable unusable
                ? Optional.of(unusable.reason())
                : Optional.empty();
    }

    private CredentialLookup lookup(HostEntry entry, CredentialSpec spec) {
        return spec.secret()
                .map(key -> source.credentials()
                        .find(policy.id().namespace(), key, entry.host().text()))
                .orElseGet(() -> new CredentialLookup.Missing("the value is in the policy"));
    }

    private SortedMap<String, String> trustedCas() {
        SortedMap<String, String> trusted = new TreeMap<>();
        policy.hosts()
                .forEach(entry -> entry.trustedCa()
                        .flatMap(key -> source.configMaps().find(policy.id().namespace(), key))
                        .map(text -> CaBundle.parse("ConfigMap", text))
                        .filter(bundle -> bundle.size() > 0)
                        .ifPresent(bundle -> trusted.put(entry.host().text(), bundle.pem())));
        return trusted;
    }
}
