package dev.sallyport.snapshot;

import dev.sallyport.policy.ConfigMapKey;
import dev.sallyport.policy.EgressPolicy;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.PolicyVersion;
import dev.sallyport.policy.SecretKey;
import java.util.List;
import java.util.Optional;

/**
 * One workload in {@code status}.
 *
 * @param policy the accepted document; empty: it was rejected, and everything is denied
 * @param problems why the policy is not, or not as written, in force, one line each; not empty: everything is denied
 * @param snapshot what its sidecars should hold; made when it is first looked into
 * @param hosts number of entries in force
 * @param credentials those without a usable value: requests to their hosts are answered 500
 * @param trustedCas those that cannot be used: requests to their hosts are refused
 * @param publicRoots whether its trust bundle needs the public roots: some host is passed through
 * @param version of the object that was compiled; empty: it was no object
 */
public record WorkloadStatus(
        Optional<EgressPolicy> policy,
        List<String> problems,
        WorkloadSnapshot snapshot,
        int hosts,
        List<UnresolvedCredential> credentials,
        List<UnresolvedTrustedCa> trustedCas,
        boolean publicRoots,
        Optional<PolicyVersion> version) {
    public WorkloadStatus {
        problems = List.copyOf(problems);
        credentials = List.copyOf(credentials);
        trustedCas = List.copyOf(trustedCas);
    }

    /** Of what was read from a file. */
    public WorkloadStatus(
            Optional<EgressPolicy> policy,
            List<String> problems,
            WorkloadSnapshot snapshot,
            int hosts,
            List<UnresolvedCredential> credentials,
            List<UnresolvedTrustedCa> trustedCas,
            boolean publicRoots) {
        this(policy, problems, snapshot, hosts, credentials, trustedCas, publicRoots, Optional.empty());
    }

    public PolicyId id() {
        return snapshot.workload();
    }

    /** Of what its sidecars should hold. */
    public String revision() {
        return snapshot.revision();
    }

    /** Whether its policy is in force as written. */
    public boolean accepted() {
        return policy.isPresent() && problems.isEmpty();
    }

    /**
     * A credential without a usable value.
     *
     * @param secret empty: the value is in the policy itself
     * @param reason for people; never the value
     */
    public record UnresolvedCredential(String host, String header, Optional<SecretKey> secret, String reason) {}

    /**
     * A {@code trustedCa} that cannot be used.
     *
     * @param reason for people
     */
    public record UnresolvedTrustedCa(String host, ConfigMapKey configMap, String reason) {}
}
