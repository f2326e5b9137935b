package dev.sallyport.snapshot;

import com.google.protobuf.ByteString;
import dev.sallyport.envoy.ResourceNames;
import dev.sallyport.envoy.Secrets;
import dev.sallyport.pki.LeafCertificate;
import dev.sallyport.pki.LeafIssuer;
import dev.sallyport.pki.LeafSlot;
import dev.sallyport.policy.PolicyId;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.micrometer.core.instrument.Counter;
import java.time.Duration;

/** Makes secrets into resources. Thread-safe. */
final class SecretFactory {
    private final ResourcePool pool;
    private final LeafIssuer leaves;
    private final Counter issued;
    private final VersionedResource roots;

    SecretFactory(ResourcePool pool, WorkloadPki pki, Counter issued) {
        this.pool = pool;
        this.leaves = pki.leaves();
        this.issued = issued;
        this.roots = of(Secrets.roots(ResourceNames.PUBLIC_ROOTS, pki.roots().pem()));
    }

    VersionedResource publicRoots() {
        return roots;
    }

    /** The version of a secret is that of its content, keyed: it tells nothing about the value. */
    VersionedResource of(Secret secret) {
        return pool.of(ResourceType.SECRET, secret.getName(), secret);
    }

    /** The version of a leaf is that of its slot: nothing is issued until a sidecar needs its bytes. */
    VersionedResource leaf(PolicyId workload, String host, Duration ttl, LeafSlot slot) {
        String name = ResourceNames.leaf(host);
        return new VersionedResource(name, slot.version(), () -> issue(workload, host, ttl, name, slot.version()));
    }

    private ByteString issue(PolicyId workload, String host, Duration ttl, String name, String version) {
        LeafCertificate leaf = leaves.issue(workload, host, ttl);
        issued.increment();
        ByteString content = Versions.serialised(Secrets.leaf(name, leaf.chainPem(), leaf.keyPem()));
        return Versions.envelope(ResourceType.SECRET, name, version, content);
    }
}
