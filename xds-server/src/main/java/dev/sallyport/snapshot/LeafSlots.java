package dev.sallyport.snapshot;

import dev.sallyport.pki.LeafIssuer;
import dev.sallyport.pki.LeafSlot;
import dev.sallyport.policy.Action;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.TlsMode;
import java.time.Duration;
import java.time.Instant;
import java.util.SortedMap;
import java.util.TreeMap;

/** The slots that the leaves of one workload are in. A host that stays in its slot keeps its leaf, once issued. For one thread. */
final class LeafSlots {
    private final SecretFactory secrets;
    private final LeafIssuer leaves;
    private SortedMap<String, Leaf> current = new TreeMap<>();

    private record Leaf(LeafSlot slot, Duration ttl, VersionedResource resource) {}

    LeafSlots(SecretFactory secrets, LeafIssuer leaves) {
        this.secrets = secrets;
        this.leaves = leaves;
    }

    /** By the name of the secret. */
    SortedMap<String, VersionedResource> leaves(Rules rules) {
        SortedMap<String, Leaf> next = new TreeMap<>();
        rules.hosts().stream()
                .filter(entry -> entry.action() == Action.Allow && entry.tls() == TlsMode.Intercept)
                .map(entry -> entry.host().text())
                .forEach(host -> next.put(host, leaf(host, rules)));
        current = next;
        SortedMap<String, VersionedResource> resources = new TreeMap<>();
        next.values().forEach(leaf -> resources.put(leaf.resource().name(), leaf.resource()));
        return resources;
    }

    private Leaf leaf(String host, Rules rules) {
        Leaf known = current.get(host);
        if (known != null && known.ttl().equals(rules.leafTtl()) && leaves.isCurrent(known.slot())) {
            return known;
        }
        PolicyId id = rules.id();
        LeafSlot slot = leaves.slot(id, host, rules.leafTtl());
        return new Leaf(slot, rules.leafTtl(), secrets.leaf(id, host, rules.leafTtl(), slot));
    }

    /** When the first of them ends; {@link Instant#MAX} without any. */
    Instant next() {
        return current.values().stream()
                .map(leaf -> leaf.slot().renewAt())
                .min(Instant::compareTo)
                .orElse(Instant.MAX);
    }
}
