package dev.sallyport.inject;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.inject.Injection.Admitted;
import dev.sallyport.inject.Injection.Refused;
import dev.sallyport.inject.KnownPolicy.InForce;
import dev.sallyport.policy.EgressPolicy;
import dev.sallyport.policy.PolicyId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;

/** Puts the Pods of workloads behind their sidecars, or refuses them. Thread-safe. */
public final class PodInjector {
    private final InjectorSettings settings;
    private final PolicyLookup policies;
    private final IntSupplier uids;
    private final Rules rules;

    public PodInjector(InjectorSettings settings, PolicyLookup policies) {
        this(settings, policies, SidecarUid::draw);
    }

    PodInjector(InjectorSettings settings, PolicyLookup policies, IntSupplier uids) {
        this.settings = settings;
        this.policies = policies;
        this.uids = uids;
        this.rules = new Rules(settings);
    }

    /**
     * What is to become of a Pod that is about to be made. A Pod without the policy label stays as it is; one that was injected before does too.
     *
     * @param namespace that it is made in; what the Pod says is not looked at
     * @param pod as the API server sends it; not changed
     */
    public Injection review(String namespace, ObjectNode pod) {
        try {
            WorkloadPod workload = WorkloadPod.of(namespace, pod);
            Optional<String> policy = workload.policy();
            return policy.isPresent() ? review(workload, pod, policy.get()) : admitted(none(), List.of());
        } catch (MalformedPodException e) {
            return new Refused(List.of(e.refusal()));
        }
    }

    private Injection review(WorkloadPod workload, ObjectNode pod, String name) {
        KnownPolicy known =
                name.isEmpty() ? new KnownPolicy.Absent() : policies.find(new PolicyId(workload.namespace(), name));
        List<Refusal> refusals = new ArrayList<>();
        if (!(known instanceof InForce inForce)) {
            refusals.add(refusal(workload, name, known));
            rules.refusals(workload).forEach(refusals::add);
            return new Refused(refusals);
        }
        EgressPolicy policy = inForce.policy();
        OwnParts parts =
                OwnParts.of(policy, settings, SidecarUid.of(workload.spec()).orElseGet(uids));
        rules.refusals(workload, inForce).forEach(refusals::add);
        rules.refusals(workload).forEach(refusals::add);
        refusals.addAll(OwnNames.refusals(workload, parts));
        if (!refusals.isEmpty()) {
            return new Refused(refusals);
        }
        InjectedPod.Made made = InjectedPod.of(pod, policy, settings, parts);
        return admitted(JsonPatch.between(pod, made.pod()), made.warnings());
    }

    private static Refusal refusal(WorkloadPod workload, String name, KnownPolicy known) {
        String path = workload.policyPath();
        if (known instanceof KnownPolicy.NotInForce broken) {
            return new Refusal(
                    path,
                    "EgressPolicy " + workload.namespace() + "/" + name + " is not in force, expected one that is: "
                            + String.join("; ", broken.problems()));
        }
        return Refusal.found(path, name, "the name of an EgressPolicy in namespace " + workload.namespace());
    }

    private static ArrayNode none() {
        return JsonNodeFactory.instance.arrayNode();
    }

    private static Admitted admitted(ArrayNode patch, List<String> warnings) {
        return new Admitted(patch, warnings);
    }
}
