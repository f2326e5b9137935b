package dev.sallyport.source.kubernetes;

import dev.sallyport.credential.StoredSecret;
import dev.sallyport.policy.PolicyDocument;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.source.SourceState;
import dev.sallyport.source.StoredConfigMap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The policies of one namespace and what they refer to. A policy that is new or has changed waits until what it names was read, so that an edit that moves from one Secret to another denies nothing in between; but not for long.
 * For the loop's thread.
 */
final class PolicyNamespace implements AutoCloseable {
    /** After it a policy is in force without what cannot be read. */
    static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

    private final EventLoop loop;
    private final Runnable changed;
    private final NamedObjects<ObjectKind.SecretKind.Key, StoredSecret> secrets;
    private final NamedObjects<String, StoredConfigMap> configMaps;
    private final SortedMap<PolicyId, PolicyDocument> inForce = new TreeMap<>();
    private final SortedMap<PolicyId, Waiting> waiting = new TreeMap<>();
    private final List<PolicyId> withdrawn = new ArrayList<>();

    private static final class Waiting {
        private final PolicyDocument document;
        private EventLoop.Timer timer = () -> {};
        private boolean overdue;

        private Waiting(PolicyDocument document) {
            this.document = document;
        }
    }

    /** {@code changed}: there is another state to be had by {@link #update}. */
    PolicyNamespace(String namespace, ObjectWatch.Services services, Runnable changed) {
        this.loop = services.loop();
        this.changed = changed;
        this.secrets = new NamedObjects<>(namespace, ObjectKind.SECRETS, services, changed);
        this.configMaps = new NamedObjects<>(namespace, ObjectKind.CONFIG_MAPS, services, changed);
    }

    void offer(PolicyId id, PolicyDocument document) {
        stopWaiting(id);
        Waiting offered = new Waiting(document);
        offered.timer = loop.after(LONGEST_WAIT, () -> {
            offered.overdue = true;
            changed.run();
        });
        waiting.put(id, offered);
        changed.run();
    }

    void withdraw(PolicyId id) {
        stopWaiting(id);
        inForce.remove(id);
        withdrawn.add(id);
        changed.run();
    }

    private void stopWaiting(PolicyId id) {
        Waiting before = waiting.remove(id);
        if (before != null) {
            before.timer.cancel();
        }
    }

    boolean isEmpty() {
        return inForce.isEmpty() && waiting.isEmpty();
    }

    /** Whether nothing is still to be read for the first time. */
    boolean isSettled() {
        return secrets.isSettled() && configMaps.isSettled();
    }

    /** The state with the policies of this namespace and what they refer to. The same object when that says nothing new. */
    SourceState update(SourceState state) {
        want();
        SourceState next = state;
        for (PolicyId id : withdrawn) {
            next = next.documents().of(id).isEmpty() ? next : next.withoutPolicy(id);
        }
        withdrawn.clear();
        boolean settled = isSettled();
        List<Map.Entry<PolicyId, Waiting>> ready = waiting.entrySet().stream()
                .filter(entry -> settled || entry.getValue().overdue)
                .map(Map.Entry::copyOf)
                .toList();
        for (Map.Entry<PolicyId, Waiting> entry : ready) {
            PolicyId id = entry.getKey();
            PolicyDocument document = entry.getValue().document;
            stopWaiting(id);
            inForce.put(id, document);
            next = next.documents().of(id).equals(List.of(document)) ? next : next.withPolicy(document);
        }
        if (!ready.isEmpty()) {
            want();
        }
        return configMaps.update(secrets.update(next));
    }

    private void want() {
        WantedKeys wanted = WantedKeys.of(Stream.concat(
                        inForce.values().stream(), waiting.values().stream().map(offered -> offered.document))
                .toList());
        secrets.want(wanted.secrets());
        configMaps.want(wanted.configMaps());
    }

    Stream<String> problems() {
        return Stream.of(secrets.trouble(), configMaps.trouble())
                .flatMap(trouble -> trouble.stream().map(Trouble::line));
    }

    /** How many Secrets and ConfigMaps are in memory. */
    int kept() {
        return secrets.kept() + configMaps.kept();
    }

    @Override
    public void close() {
        waiting.values().forEach(offered -> offered.timer.cancel());
        waiting.clear();
        secrets.close();
        configMaps.close();
    }
}
