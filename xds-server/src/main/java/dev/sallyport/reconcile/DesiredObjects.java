package dev.sallyport.reconcile;

import dev.sallyport.policy.Access;
import dev.sallyport.policy.EgressPolicy;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.settings.ClusterSettings;
import dev.sallyport.snapshot.WorkloadStatus;
import dev.sallyport.source.LabelledPod;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** What should be there for a workload. Pure. Whatever is deleted or wrong closes its egress; nothing opens it before its last Pod is gone. */
final class DesiredObjects {
    private final EgressNetworkPolicy networkPolicies;

    DesiredObjects(ClusterSettings settings) {
        this.networkPolicies = new EgressNetworkPolicy(settings);
    }

    /** What is to become of our finalizer on the policy. */
    enum Finalizer {
        ADDED,
        AS_IT_IS,
        /** After everything in {@link Wishes#absent} is gone, and not before. */
        REMOVED
    }

    /**
     * What should be.
     *
     * @param present in the order in which they are applied
     * @param absent when they are ours
     */
    record Wishes(List<DesiredObject> present, List<ObjectKey> absent, Finalizer finalizer) {
        Wishes {
            present = List.copyOf(present);
            absent = List.copyOf(absent);
        }
    }

    /**
     * For a policy that is there; it may be accepted or not.
     *
     * @param trust the ConfigMap that its Pods mount
     */
    Wishes present(PolicyObject object, WorkloadStatus status, DesiredObject trust, Collection<LabelledPod> pods) {
        if (object.deleting()) {
            return deleted(object, pods);
        }
        List<DesiredObject> present = new ArrayList<>();
        List<ObjectKey> absent = new ArrayList<>();
        present.add(DesiredObject.of(networkPolicy(object.id(), status, pods)));
        present.add(trust);
        status.policy()
                .ifPresent(policy -> WorkloadService.of(policy, object.uid())
                        .map(DesiredObject::of)
                        .ifPresentOrElse(present::add, () -> absent.add(ObjectKey.service(policy.id()))));
        return new Wishes(present, absent, object.finalizer() ? Finalizer.AS_IT_IS : Finalizer.ADDED);
    }

    /** For a policy that is being deleted. What it owns is the garbage collector's from here on. */
    Wishes deleted(PolicyObject object, Collection<LabelledPod> pods) {
        Wishes wishes = gone(object.id(), pods);
        boolean over = wishes.present().isEmpty();
        return new Wishes(
                wishes.present(), wishes.absent(), over && object.finalizer() ? Finalizer.REMOVED : Finalizer.AS_IT_IS);
    }

    /** For a workload without a policy object. */
    Wishes gone(PolicyId workload, Collection<LabelledPod> pods) {
        return pods.stream().anyMatch(LabelledPod::mayRun)
                ? new Wishes(List.of(DesiredObject.of(closed(workload, pods))), List.of(), Finalizer.AS_IT_IS)
                : new Wishes(List.of(), List.of(ObjectKey.networkPolicy(workload)), Finalizer.AS_IT_IS);
    }

    private NetworkPolicy networkPolicy(PolicyId id, WorkloadStatus status, Collection<LabelledPod> pods) {
        Optional<EgressPolicy> inForce = status.policy().filter(policy -> status.accepted());
        return inForce.map(networkPolicies::of).orElseGet(() -> closed(id, pods));
    }

    /** Sidecars stay in touch to learn that everything is denied. Pods without one, of None or Unrestricted, have nothing to stay in touch with. */
    private NetworkPolicy closed(PolicyId workload, Collection<LabelledPod> pods) {
        List<LabelledPod> running = pods.stream().filter(LabelledPod::mayRun).toList();
        boolean sidecars = running.isEmpty() || running.stream().anyMatch(LabelledPod::sidecar);
        return networkPolicies.closed(workload, sidecars ? Access.Restricted : Access.None);
    }
}
