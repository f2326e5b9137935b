package dev.sallyport.source.kubernetes;

import dev.sallyport.policy.ObjectName;
import dev.sallyport.policy.PolicyDocument;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.source.PolicySource;
import dev.sallyport.source.SourceState;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The policies of all namespaces, and of each namespace that has any the Secrets and ConfigMaps that they name. The first state comes when all was read once. A namespace whose Secrets may not be read holds up nobody: its
 * credentials cannot be used, with the reason.
 */
public final class KubernetesSource implements PolicySource {
    private final ObjectWatch.Services services;
    private final EventLoop loop;
    private final AtomicBoolean started = new AtomicBoolean();
    private final ObjectWatch<PolicyDocument> policies;
    private final SortedMap<String, PolicyNamespace> namespaces = new TreeMap<>();
    private Consumer<SourceState> sink = state -> {};
    private SourceState state = SourceState.EMPTY;
    /** {@code null}: none yet. */
    private @Nullable SourceState handedOut;

    private boolean complete;
    private boolean updating;
    private boolean closed;

    /** Reads nothing yet. The caller closes {@code server} and {@code thread}, after this. */
    public KubernetesSource(ApiServer server, SourceThread thread, SourceHealth health) {
        this(new ObjectWatch.Services(server, thread, WatchSettings.DEFAULT, health));
    }

    KubernetesSource(ObjectWatch.Services services) {
        this.services = services;
        this.loop = services.loop();
        this.policies = new ObjectWatch<>(PolicyReader.ALL, services, PolicyReader::read, new Policies());
    }

    @Override
    public void start(Consumer<SourceState> to) {
        if (started.getAndSet(true)) {
            throw new IllegalStateException("started twice");
        }
        loop.call(() -> {
            sink = to;
            policies.start();
        });
    }

    private final class Policies implements ObjectListener<PolicyDocument> {
        @Override
        public void added(ObjectName name, PolicyDocument policy) {
            namespaces
                    .computeIfAbsent(
                            name.namespace(),
                            namespace -> new PolicyNamespace(namespace, services, KubernetesSource.this::updateSoon))
                    .offer(id(name), policy);
        }

        @Override
        public void changed(ObjectName name, PolicyDocument before, PolicyDocument after) {
            added(name, after);
        }

        @Override
        public void removed(ObjectName name, PolicyDocument policy) {
            Optional.ofNullable(namespaces.get(name.namespace())).ifPresent(namespace -> namespace.withdraw(id(name)));
        }

        private static PolicyId id(ObjectName name) {
            return new PolicyId(name.namespace(), name.name());
        }

        @Override
        public void synced() {
            updateSoon();
        }

        @Override
        public void trouble(Optional<Trouble> trouble) {
            updateSoon();
        }
    }

    /** Once for all that is told together. */
    private void updateSoon() {
        if (!updating) {
            updating = true;
            loop.execute(this::update);
        }
    }

    @SuppressWarnings("ReferenceEquality") // each edit makes another state, and there is no other way to one
    private void update() {
        updating = false;
        if (closed) {
            return;
        }
        for (PolicyNamespace namespace : List.copyOf(namespaces.values())) {
            state = namespace.update(state);
        }
        namespaces.values().stream().filter(PolicyNamespace::isEmpty).forEach(PolicyNamespace::close);
        namespaces.values().removeIf(PolicyNamespace::isEmpty);
        tellProblems();
        complete |= policies.isSynced() && namespaces.values().stream().allMatch(PolicyNamespace::isSettled);
        if (complete && state != handedOut) {
            handedOut = state;
            sink.accept(state);
        }
    }

    private void tellProblems() {
        List<String> problems = Stream.concat(
                        policies.trouble().stream().map(Trouble::line),
                        namespaces.values().stream().flatMap(PolicyNamespace::problems))
                .sorted()
                .toList();
        if (!problems.equals(state.problems())) {
            state = state.withProblems(problems);
        }
    }

    /** How many Secrets and ConfigMaps are in memory. */
    int kept() {
        return namespaces.values().stream().mapToInt(PolicyNamespace::kept).sum();
    }

    /** After it the sink is not called any more. */
    @Override
    public void close() {
        loop.call(() -> {
            closed = true;
            sink = nobody -> {};
            policies.close();
            namespaces.values().forEach(PolicyNamespace::close);
        });
    }
}
