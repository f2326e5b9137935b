package dev.sallyport.xds;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.credential.CredentialLookup;
import dev.sallyport.credential.CredentialValue;
import dev.sallyport.envoy.EntryListeners;
import dev.sallyport.envoy.ProxyRoutes;
import dev.sallyport.envoy.RenderedCredential;
import dev.sallyport.envoy.ResourceNames;
import dev.sallyport.envoy.Secrets;
import dev.sallyport.envoy.Translation;
import dev.sallyport.envoy.WorkloadModel;
import dev.sallyport.envoy.WorkloadTranslator;
import dev.sallyport.pki.LeafCertificate;
import dev.sallyport.pki.LeafIssuer;
import dev.sallyport.pki.RootSeed;
import dev.sallyport.pki.WorkloadCas;
import dev.sallyport.policy.Action;
import dev.sallyport.policy.Addresses;
import dev.sallyport.policy.ConfigMapKey;
import dev.sallyport.policy.CredentialSpec;
import dev.sallyport.policy.HostEntry;
import dev.sallyport.policy.HostPattern;
import dev.sallyport.policy.PinnedAddress;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.SecretKey;
import dev.sallyport.policy.Timeouts;
import dev.sallyport.policy.TlsMode;
import dev.sallyport.snapshot.VersionedResource;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/** Snapshots of a workload with real resources, whose hosts all lead to one upstream on loopback. */
final class RealWorkload {
    static final PolicyId ID = TestSnapshot.WORKLOAD;
    private static final Duration LEAF_TTL = Duration.ofHours(24);
    private static final String HEADER = "x-api-key";

    private final WorkloadCas cas;
    private final LeafIssuer leaves;
    private final int upstreamPort;
    private final String upstreamRoots;
    private final SidecarPorts ports;
    private final Map<String, LeafCertificate> issued = new ConcurrentHashMap<>();

    RealWorkload(int upstreamPort, String upstreamRoots, SidecarPorts ports) {
        RootSeed seed = RootSeed.of(new byte[RootSeed.LENGTH]);
        this.cas = new WorkloadCas(seed, Clock.systemUTC());
        this.leaves = new LeafIssuer(seed, cas, Clock.systemUTC());
        this.upstreamPort = upstreamPort;
        this.upstreamRoots = upstreamRoots;
        this.ports = ports;
    }

    /** What the apps of the workload trust. */
    String caPem() {
        return cas.bundlePem(ID);
    }

    /**
     * Hosts with the value of their credential.
     *
     * @param values by host; empty: there is none and never was
     * @param leaving hosts that were just taken away
     */
    record Hosts(SortedMap<String, Optional<String>> values, SortedSet<String> leaving) {
        static Hosts of(String... hosts) {
            SortedMap<String, Optional<String>> values = new TreeMap<>();
            for (String host : hosts) {
                values.put(host, Optional.of("key-1"));
            }
            return new Hosts(values, new TreeSet<>());
        }

        Hosts with(String host, String value) {
            SortedMap<String, Optional<String>> changed = new TreeMap<>(values);
            changed.put(host, Optional.of(value));
            return new Hosts(changed, leaving);
        }

        Hosts withoutValue(String host) {
            SortedMap<String, Optional<String>> changed = new TreeMap<>(values);
            changed.put(host, Optional.empty());
            return new Hosts(changed, leaving);
        }

        Hosts without(String host) {
            SortedMap<String, Optional<String>> changed = new TreeMap<>(values);
            changed.remove(host);
            SortedSet<String> gone = new TreeSet<>(leaving);
            gone.add(host);
            return new Hosts(changed, gone);
        }
    }

    TestSnapshot snapshot(String revision, Hosts hosts) {
        WorkloadModel model = model(hosts);
        Translation translation = WorkloadTranslator.translate(model);
        TestSnapshot snapshot = new TestSnapshot(ID, revision);
        translation.clusters().forEach((name, cluster) -> snapshot.cluster(resource(name, cluster)));
        translation.internalListeners().forEach((name, one) -> snapshot.listener(resource(name, one)));
        EntryListeners.of(model, ports).forEach((name, one) -> snapshot.listener(resource(name, one)));
        translation.routes().forEach((name, routes) -> snapshot.route(resource(name, routes)));
        translation.secretNames().forEach(snapshot::missingSecret);
        snapshot.secret(resource(ResourceNames.PUBLIC_ROOTS, Secrets.roots(ResourceNames.PUBLIC_ROOTS, upstreamRoots)));
        hosts.values().forEach((host, value) -> {
            snapshot.secret(leaf(host));
            value.ifPresent(text -> snapshot.secret(credential(host, text)));
        });
        return snapshot;
    }

    /** The same, with what the proxy should allow on the way from {@code before}. */
    TestSnapshot change(String revision, Hosts before, Hosts after) {
        Hosts both = after;
        for (String host : after.values().keySet()) {
            if (!before.values().containsKey(host)) {
                both = both.without(host);
            }
        }
        TestSnapshot snapshot = snapshot(revision, after);
        return both.equals(after) ? snapshot : snapshot.interim(proxyRoutes(both));
    }

    /** What the proxy allows of these hosts. */
    VersionedResource proxyRoutes(Hosts hosts) {
        return resource(ResourceNames.PROXY, ProxyRoutes.of(model(hosts)));
    }

    VersionedResource leaf(String host) {
        LeafCertificate leaf = issued.computeIfAbsent(host, name -> leaves.issue(ID, name, LEAF_TTL));
        return leaf(host, leaf);
    }

    /** Another leaf for the same host. */
    VersionedResource newLeaf(String host) {
        return leaf(host, leaves.issue(ID, host, LEAF_TTL));
    }

    private static VersionedResource leaf(String host, LeafCertificate leaf) {
        return resource(
                ResourceNames.leaf(host), Secrets.leaf(ResourceNames.leaf(host), leaf.chainPem(), leaf.keyPem()));
    }

    /** A leaf whose key is of another one. */
    VersionedResource mismatchedLeaf(String host) {
        LeafCertificate leaf = leaves.issue(ID, host, LEAF_TTL);
        String key = leaves.issue(ID, host, LEAF_TTL).keyPem();
        return resource(ResourceNames.leaf(host), Secrets.leaf(ResourceNames.leaf(host), leaf.chainPem(), key));
    }

    static String credentialName(String host) {
        return ResourceNames.credential(host, HEADER);
    }

    static VersionedResource tombstone(String host) {
        return resource(credentialName(host), Secrets.tombstone(credentialName(host)));
    }

    private static VersionedResource credential(String host, String value) {
        RenderedCredential rendered = Secrets.credential(
                credentialName(host), spec(host), new CredentialLookup.Found(CredentialValue.ofText(value)));
        return resource(credentialName(host), ((RenderedCredential.Usable) rendered).secret());
    }

    private static CredentialSpec spec(String host) {
        return new CredentialSpec(HEADER, "{value}", Optional.empty(), Optional.of(new SecretKey(host, "token")));
    }

    static VersionedResource resource(String name, Message message) {
        String version = version(message);
        return new VersionedResource(
                name,
                version,
                () -> Resource.newBuilder()
                        .setName(name)
                        .setVersion(version)
                        .setResource(Any.pack(message))
                        .build()
                        .toByteString());
    }

    private static String version(Message message) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(message.toByteArray());
            return HexFormat.of().formatHex(hash, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private WorkloadModel model(Hosts hosts) {
        SortedMap<String, String> trusted = new TreeMap<>();
        SortedSet<String> unavailable = new TreeSet<>();
        hosts.values().forEach((host, value) -> {
            trusted.put(host, upstreamRoots);
            if (value.isEmpty()) {
                unavailable.add(host);
            }
        });
        SortedMap<String, Reason> leaving = new TreeMap<>();
        hosts.leaving().forEach(host -> leaving.put(host, Reason.HOST_NOT_ALLOWED));
        return new WorkloadModel(
                ID,
                hosts.values().keySet().stream().map(this::entry).toList(),
                "Add it to the policy.",
                unavailable,
                trusted,
                leaving,
                new TreeSet<>(List.of(443)),
                caPem());
    }

    private HostEntry entry(String host) {
        return new HostEntry(
                new HostPattern(host),
                Action.Allow,
                List.of(443),
                TlsMode.Intercept,
                Addresses.Public,
                List.of(new PinnedAddress("127.0.0.1", OptionalInt.of(upstreamPort))),
                Optional.of(new ConfigMapKey("roots", "ca.pem")),
                List.of(spec(host)),
                Timeouts.DEFAULT);
    }
}
