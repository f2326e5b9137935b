package dev.sallyport.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.bootstrap.PodLayout;
import dev.sallyport.inject.KnownPolicy;
import dev.sallyport.inject.PolicyLookup;
import dev.sallyport.policy.CompiledPolicy;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.PolicyProblem;
import dev.sallyport.source.kubernetes.ApiServer;
import dev.sallyport.source.kubernetes.KubernetesObjects;
import dev.sallyport.source.kubernetes.KubernetesPolicies;
import dev.sallyport.source.kubernetes.ObjectQuery;
import dev.sallyport.source.kubernetes.SourceHealth;
import dev.sallyport.source.kubernetes.SourceThread;
import java.util.Optional;

/** The policies of a cluster as the injector looks at them, with whether their NetworkPolicies are there. */
final class ClusterPolicies implements PolicyLookup, AutoCloseable {
    private static final ObjectQuery NETWORK_POLICIES = ObjectQuery.of("/apis/networking.k8s.io/v1", "networkpolicies")
            .labelled("app.kubernetes.io/managed-by=sallyport");
    private static final int MOST_PROBLEMS = 5;

    private final KubernetesPolicies policies;
    private final KubernetesObjects networkPolicies;

    /** Reads nothing yet. The caller closes {@code server} and {@code thread}, after this. */
    ClusterPolicies(ApiServer server, SourceThread thread, SourceHealth health) {
        this.policies = new KubernetesPolicies(server, thread, health);
        this.networkPolicies = new KubernetesObjects(NETWORK_POLICIES, server, thread, health, ClusterPolicies::spec);
    }

    private static JsonNode spec(JsonNode networkPolicy) {
        ObjectNode kept = JsonNodeFactory.instance.objectNode();
        kept.set("podSelector", networkPolicy.path("spec").path("podSelector"));
        kept.set("policyTypes", networkPolicy.path("spec").path("policyTypes"));
        return kept;
    }

    void start() {
        policies.start();
        networkPolicies.start();
    }

    boolean synced() {
        return policies.synced() && networkPolicies.synced();
    }

    @Override
    public KnownPolicy find(PolicyId workload) {
        return policies.find(workload)
                .map(compiled -> known(workload, compiled))
                .orElseGet(KnownPolicy.Absent::new);
    }

    private KnownPolicy known(PolicyId workload, CompiledPolicy compiled) {
        return compiled.policy()
                .<KnownPolicy>map(policy -> new KnownPolicy.InForce(policy, hasNetworkPolicy(workload)))
                .orElseGet(() -> new KnownPolicy.NotInForce(compiled.errors().stream()
                        .limit(MOST_PROBLEMS)
                        .map(ClusterPolicies::line)
                        .toList()));
    }

    /** Of that name, for the Pods of that policy, and about egress. */
    private boolean hasNetworkPolicy(PolicyId workload) {
        Optional<JsonNode> found = networkPolicies.find(workload.namespace(), PodLayout.networkPolicy(workload.name()));
        ObjectNode selector = JsonNodeFactory.instance.objectNode();
        selector.putObject("matchLabels").put(PodLayout.POLICY_LABEL, workload.name());
        return found.filter(spec -> spec.path("podSelector").equals(selector))
                .filter(spec -> spec.path("policyTypes").toString().contains("\"Egress\""))
                .isPresent();
    }

    private static String line(PolicyProblem problem) {
        return problem.path().isEmpty() ? problem.message() : problem.path() + ": " + problem.message();
    }

    @Override
    public void close() {
        networkPolicies.close();
        policies.close();
    }
}
