package dev.sallyport.source;

import dev.sallyport.policy.PolicyId;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The Pods of all workloads, as the API server last told. Thread-safe. */
public interface Pods {
    /** Whether they were listed once; before that none is known, and nothing follows from that. */
    boolean synced();

    /** The Pod of that name, if it carries the label. */
    Optional<LabelledPod> find(String namespace, String name);

    /** Those of a workload, sorted by name. */
    List<LabelledPod> of(PolicyId workload);

    /** Calls {@code listener} with each change from now on, from one thread at a time; it must return at once. Call before the source starts to miss none. */
    void onChange(Consumer<PodChange> listener);
}
