package dev.sallyport.source.kubernetes;

import dev.sallyport.policy.ObjectName;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.source.LabelledPod;
import dev.sallyport.source.PodChange;
import dev.sallyport.source.Pods;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The Pods of all namespaces that carry the policy label. What was last told stays when the API server is away. */
public final class KubernetesPods implements Pods, AutoCloseable {
    private final EventLoop loop;
    private final ObjectWatch<LabelledPod> watch;
    private final Map<ObjectName, LabelledPod> pods = new ConcurrentHashMap<>();
    private final Map<PolicyId, Map<String, LabelledPod>> workloads = new ConcurrentHashMap<>();
    private final List<Consumer<PodChange>> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean synced;
    private volatile Optional<String> problem = Optional.empty();

    /** Reads nothing yet. The caller closes {@code server} and {@code thread}, after this. */
    public KubernetesPods(ApiServer server, SourceThread thread, SourceHealth health) {
        this(new ObjectWatch.Services(server, thread, WatchSettings.DEFAULT, health));
    }

    KubernetesPods(ObjectWatch.Services services) {
        this.loop = services.loop();
        this.watch = new ObjectWatch<>(PodReader.ALL, services, PodReader::read, new Watched());
    }

    /** Begins to listen. May be called once. */
    public void start() {
        loop.call(watch::start);
    }

    @Override
    public boolean synced() {
        return synced;
    }

    /** Why Pods are not known as they are now, one line; empty: they are. */
    public Optional<String> problem() {
        return problem;
    }

    @Override
    public Optional<LabelledPod> find(String namespace, String name) {
        return Optional.ofNullable(pods.get(new ObjectName(namespace, name)));
    }

    @Override
    public List<LabelledPod> of(PolicyId workload) {
        return workloads.getOrDefault(workload, Map.of()).values().stream()
                .sorted(Comparator.comparing(LabelledPod::name))
                .toList();
    }

    @Override
    public void onChange(Consumer<PodChange> listener) {
        listeners.add(listener);
    }

    private final class Watched implements ObjectListener<LabelledPod> {
        @Override
        public void added(ObjectName name, LabelledPod pod) {
            put(name, pod);
            tell(new PodChange(Optional.empty(), Optional.of(pod)));
        }

        @Override
        public void changed(ObjectName name, LabelledPod before, LabelledPod after) {
            if (!before.workload().equals(after.workload())) {
                leave(before);
            }
            put(name, after);
            tell(new PodChange(Optional.of(before), Optional.of(after)));
        }

        @Override
        public void removed(ObjectName name, LabelledPod pod) {
            pods.remove(name);
            leave(pod);
            tell(new PodChange(Optional.of(pod), Optional.empty()));
        }

        private void put(ObjectName name, LabelledPod pod) {
            pods.put(name, pod);
            workloads.compute(pod.workload(), (workload, known) -> {
                Map<String, LabelledPod> of = known == null ? new ConcurrentHashMap<>() : known;
                of.put(pod.name(), pod);
                return of;
            });
        }

        private void leave(LabelledPod pod) {
            workloads.computeIfPresent(pod.workload(), (workload, known) -> {
                known.remove(pod.name());
                return known.isEmpty() ? null : known;
            });
        }

        @Override
        public void synced() {
            synced = true;
        }

        @Override
        public void trouble(Optional<Trouble> trouble) {
            problem = trouble.map(Trouble::line);
        }
    }

    private void tell(PodChange change) {
        listeners.forEach(listener -> listener.accept(change));
    }

    /** After it no listener is called any more; what was last told stays. */
    @Override
    public void close() {
        loop.call(watch::close);
    }
}
