package dev.sallyport.identity;

import dev.sallyport.policy.EgressPolicy;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.source.LabelledPod;
import dev.sallyport.source.Pods;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Holds the Pod that a ServiceAccount token is bound to against the Pods that there are: it must be there with the same UID, carry the policy label, not have ended, and run as a ServiceAccount that its policy admits. Where the
 * policy is not in force there is nothing to admit it to: its sidecar is told to deny everything. Thread-safe.
 */
public final class PodClaimsResolver implements ClaimsResolver {
    private static final String KUBERNETES = "kubernetes.io";

    private final Pods pods;
    private final Function<PolicyId, Optional<EgressPolicy>> policies;

    /** {@code policies}: the policy of a workload that is in force. */
    public PodClaimsResolver(Pods pods, Function<PolicyId, Optional<EgressPolicy>> policies) {
        this.pods = pods;
        this.policies = policies;
    }

    private record Claimed(String namespace, String pod, String uid, String serviceAccount) {}

    @Override
    public Authentication resolve(TokenClaims claims) {
        Optional<Claimed> claimed = claimed(claims);
        if (claimed.isEmpty()) {
            return refused(
                    "claims_missing",
                    "it is not bound to a Pod (expected: " + KUBERNETES + " with namespace, pod and serviceaccount)");
        }
        if (!pods.synced()) {
            return new Authentication.Refused(
                    Authentication.Kind.UNAVAILABLE, "pods_unknown", "the Pods were not listed yet");
        }
        String name = claimed.get().namespace() + "/" + claimed.get().pod();
        Optional<LabelledPod> pod =
                pods.find(claimed.get().namespace(), claimed.get().pod());
        if (pod.isEmpty()) {
            return refused("pod_unknown", "there is no Pod " + name + " with the policy label");
        }
        return resolve(name, claimed.get(), pod.get(), claims);
    }

    private Authentication resolve(String name, Claimed claimed, LabelledPod pod, TokenClaims claims) {
        if (!pod.uid().equals(claimed.uid())) {
            return refused("pod_replaced", "it is of an earlier Pod " + name);
        }
        if (!pod.mayRun()) {
            return refused("pod_ended", "Pod " + name + " has ended");
        }
        if (!pod.serviceAccount().equals(claimed.serviceAccount())) {
            return refused(
                    "service_account",
                    "it is of ServiceAccount " + claimed.serviceAccount() + ", Pod " + name + " runs as "
                            + pod.serviceAccount());
        }
        if (!admits(pod)) {
            return refused(
                    "service_account",
                    "policy " + pod.workload() + " admits no Pod that runs as " + pod.serviceAccount());
        }
        return new Authentication.Accepted(new WorkloadIdentity(pod.workload(), sidecar(pod), claims.expires()));
    }

    /** Whether a sidecar that was accepted would be accepted now; for when a Pod or a policy has changed. */
    public boolean stillAdmits(WorkloadIdentity identity) {
        int end = identity.sidecar().indexOf('/');
        if (end < 0) {
            return false;
        }
        return pods.find(identity.workload().namespace(), identity.sidecar().substring(0, end))
                .filter(pod -> sidecar(pod).equals(identity.sidecar()))
                .filter(pod -> pod.workload().equals(identity.workload()))
                .filter(LabelledPod::mayRun)
                .filter(this::admits)
                .isPresent();
    }

    private boolean admits(LabelledPod pod) {
        return policies.apply(pod.workload())
                .map(EgressPolicy::serviceAccounts)
                .filter(names -> !names.isEmpty() && !names.contains(pod.serviceAccount()))
                .isEmpty();
    }

    /** How the sidecar of a Pod is known: {@code POD/UID}. */
    public static String sidecar(LabelledPod pod) {
        return pod.name() + "/" + pod.uid();
    }

    private static Optional<Claimed> claimed(TokenClaims claims) {
        Optional<String> namespace = claims.text(KUBERNETES, "namespace");
        Optional<String> pod = text(claims, "pod", "name");
        Optional<String> uid = text(claims, "pod", "uid");
        Optional<String> serviceAccount = text(claims, "serviceaccount", "name");
        if (namespace.isEmpty() || pod.isEmpty() || uid.isEmpty() || serviceAccount.isEmpty()) {
            return Optional.empty();
        }
        String subject = "system:serviceaccount:" + namespace.get() + ":" + serviceAccount.get();
        return claims.text("sub")
                .filter(subject::equals)
                .map(same -> new Claimed(namespace.get(), pod.get(), uid.get(), serviceAccount.get()));
    }

    private static Optional<String> text(TokenClaims claims, String object, String name) {
        return claims.all().get(KUBERNETES) instanceof Map<?, ?> outer
                        && outer.get(object) instanceof Map<?, ?> inner
                        && inner.get(name) instanceof String value
                        && !value.isEmpty()
                ? Optional.of(value)
                : Optional.empty();
    }

    private static Authentication refused(String code, String reason) {
        return new Authentication.Refused(Authentication.Kind.PERMISSION_DENIED, code, reason);
    }
}
