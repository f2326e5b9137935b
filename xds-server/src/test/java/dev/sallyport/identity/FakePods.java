package dev.sallyport.identity;

import dev.sallyport.policy.PolicyId;
import dev.sallyport.source.LabelledPod;
import dev.sallyport.source.PodChange;
import dev.sallyport.source.Pods;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;

/** Pods that a test puts there. */
final class FakePods implements Pods {
    boolean synced = true;
    private final Map<String, LabelledPod> pods = new ConcurrentSkipListMap<>();

    static LabelledPod pod(String name, String uid, String policy, String serviceAccount) {
        return new LabelledPod(
                "agents",
                name,
                uid,
                new PolicyId("agents", policy),
                serviceAccount,
                LabelledPod.State.LIVE,
                true,
                true,
                Instant.EPOCH);
    }

    static LabelledPod in(LabelledPod.State state, LabelledPod pod) {
        return new LabelledPod(
                pod.namespace(),
                pod.name(),
                pod.uid(),
                pod.workload(),
                pod.serviceAccount(),
                state,
                pod.sidecar(),
                pod.ready(),
                pod.created());
    }

    void put(LabelledPod pod) {
        pods.put(pod.namespace() + "/" + pod.name(), pod);
    }

    void remove(String name) {
        pods.remove("agents/" + name);
    }

    @Override
    public boolean synced() {
        return synced;
    }

    @Override
    public Optional<LabelledPod> find(String namespace, String name) {
        return Optional.ofNullable(pods.get(namespace + "/" + name));
    }

    @Override
    public List<LabelledPod> of(PolicyId workload) {
        return pods.values().stream()
                .filter(pod -> pod.workload().equals(workload))
                .toList();
    }

    @Override
    public void onChange(Consumer<PodChange> listener) {
        throw new AssertionError("nobody listens here");
    }
}
