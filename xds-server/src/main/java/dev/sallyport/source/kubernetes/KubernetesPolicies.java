package dev.sallyport.source.kubernetes;

import dev.sallyport.policy.CompiledPolicy;
import dev.sallyport.policy.NamespaceQuota;
import dev.sallyport.policy.ObjectName;
import dev.sallyport.policy.PolicyCompiler;
import dev.sallyport.policy.PolicyDocument;
import dev.sallyport.policy.PolicyId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The policies of all namespaces and nothing else: for whoever asks what is in force, and needs no Secret for it. What was last told stays when the API server is away. Reading is thread-safe and asks nobody.
 */
public final class KubernetesPolicies implements AutoCloseable {
    private final EventLoop loop;
    private final ObjectWatch<PolicyDocument> watch;
    private final Map<PolicyId, PolicyDocument> documents = new ConcurrentHashMap<>();
    /** Guarded by itself. */
    private final NamespaceQuota quota = new NamespaceQuota();

    private volatile boolean synced;

    /** Reads nothing yet. The caller closes {@code server} and {@code thread}, after this. */
    public KubernetesPolicies(ApiServer server, SourceThread thread, SourceHealth health) {
        this(new ObjectWatch.Services(server, thread, WatchSettings.DEFAULT, health));
    }

    KubernetesPolicies(ObjectWatch.Services services) {
        this.loop = services.loop();
        this.watch = new ObjectWatch<>(PolicyReader.ALL, services, PolicyReader::read, new Watched());
    }

    /** Begins to listen. May be called once. */
    public void start() {
        loop.call(watch::start);
    }

    /** Whether all of them were listed once; before that none is known, and nothing follows from that. */
    public boolean synced() {
        return synced;
    }

    /** That policy, compiled; empty: there is none of that name, or it is being deleted. */
    public Optional<CompiledPolicy> find(PolicyId id) {
        return Optional.ofNullable(documents.get(id))
                .map(document -> PolicyCompiler.compile(id, List.of(document), isBeyondQuota(id)));
    }

    private boolean isBeyondQuota(PolicyId id) {
        synchronized (quota) {
            return quota.exceededBy(id);
        }
    }

    private final class Watched implements ObjectListener<PolicyDocument> {
        @Override
        public void added(ObjectName name, PolicyDocument document) {
            PolicyId id = id(name);
            synchronized (quota) {
                quota.add(id, moved -> {});
            }
            documents.put(id, document);
        }

        @Override
        public void changed(ObjectName name, PolicyDocument before, PolicyDocument after) {
            documents.put(id(name), after);
        }

        @Override
        public void removed(ObjectName name, PolicyDocument document) {
            PolicyId id = id(name);
            documents.remove(id);
            synchronized (quota) {
                quota.remove(id, moved -> {});
            }
        }

        @Override
        public void synced() {
            synced = true;
        }

        @Override
        public void trouble(Optional<Trouble> trouble) {
            // SourceHealth tells.
        }

        private PolicyId id(ObjectName name) {
            return new PolicyId(name.namespace(), name.name());
        }
    }

    /** What was last told stays. */
    @Override
    public void close() {
        loop.call(watch::close);
    }
}
