package dev.sallyport.snapshot;

import dev.sallyport.credential.CredentialLookup;
import dev.sallyport.credential.CredentialValue;
import dev.sallyport.credential.StoredSecret;
import dev.sallyport.policy.ObjectName;
import dev.sallyport.policy.PolicyDocument;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.PolicyParser;
import dev.sallyport.source.SourceState;
import java.util.Map;
import java.util.TreeMap;

/** Many workloads, a hundred in a namespace, each with a Secret for its first hosts; edited one by one as a source does that hears of single objects. */
final class Fleet {
    private static final int NAMESPACE = 100;
    private static final int WITH_CREDENTIAL = 5;

    private final int hosts;
    private SourceState state = SourceState.EMPTY;

    Fleet(int workloads, int hosts) {
        this.hosts = hosts;
        for (int i = 0; i < workloads; i++) {
            policy(i, "v0").secret(own(i), "sk-0");
        }
    }

    static PolicyId id(int workload) {
        return new PolicyId("n" + workload / NAMESPACE, "p" + workload);
    }

    /** The Secret that only this workload refers to. */
    static ObjectName own(int workload) {
        return new ObjectName(id(workload).namespace(), "s" + workload);
    }

    SourceState state() {
        return state;
    }

    /** Gives the workload a policy whose first host has {@code variant} in its name. */
    Fleet policy(int workload, String variant) {
        return policy(workload, variant, own(workload).name());
    }

    Fleet policy(int workload, String variant, String secret) {
        state = state.withPolicy(document(workload, variant, secret));
        return this;
    }

    private PolicyDocument document(int workload, String variant, String secret) {
        StringBuilder entries = new StringBuilder("{host: " + variant + ".example.com}");
        for (int host = 1; host < hosts; host++) {
            entries.append(", {host: h").append(host).append(".example.com");
            if (host <= WITH_CREDENTIAL) {
                entries.append(", credentials: [{header: x-api-key, valueFrom: {secretKeyRef: {name: ")
                        .append(secret)
                        .append(", key: token}}}]");
            }
            entries.append("}");
        }
        String yaml = """
                apiVersion: sallyport.dev/v1alpha1
                kind: EgressPolicy
                metadata: {name: %s, namespace: %s}
                spec: {hosts: [%s]}
                """.formatted(id(workload).name(), id(workload).namespace(), entries);
        return PolicyParser.parse("p" + workload + ".yaml", yaml).policies().get(0);
    }

    Fleet secret(ObjectName name, String value) {
        CredentialLookup found = new CredentialLookup.Found(CredentialValue.ofText(value));
        state = state.withSecret(name, StoredSecret.of(new TreeMap<>(Map.of("token", found))));
        return this;
    }
}
