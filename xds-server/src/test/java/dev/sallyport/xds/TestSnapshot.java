package dev.sallyport.xds;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.snapshot.ResourceType;
import dev.sallyport.snapshot.VersionedResource;
import dev.sallyport.snapshot.WorkloadSnapshot;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.util.Collections;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A snapshot put together by hand. Changed only while it is being put together. */
final class TestSnapshot implements WorkloadSnapshot {
    static final PolicyId WORKLOAD = new PolicyId("agents", "p");

    private final PolicyId workload;
    private final String revision;
    private final SortedMap<String, VersionedResource> clusters = new TreeMap<>();
    private final SortedMap<String, VersionedResource> listeners = new TreeMap<>();
    private final SortedMap<String, VersionedResource> routes = new TreeMap<>();
    private final SortedMap<String, VersionedResource> secrets = new TreeMap<>();
    private final SortedSet<String> secretNames = new TreeSet<>();
    private final Set<String> tombstones = new HashSet<>();
    private @Nullable VersionedResource interim;

    TestSnapshot(PolicyId workload, String revision) {
        this.workload = workload;
        this.revision = revision;
    }

    /** A workload with one intercepted host {@code a} on port 443. */
    static TestSnapshot oneHost(String revision) {
        return new TestSnapshot(WORKLOAD, revision)
                .cluster("public", "1")
                .listener("proxy", "1")
                .listener("ready", "1")
                .listener("tls/443", "1")
                .route("proxy", "1")
                .route("tls/443", "1")
                .secret("credential/a", "1")
                .secret("leaf/a", "1");
    }

    /** The same and a host {@code b}. */
    static TestSnapshot twoHosts(String revision) {
        return oneHost(revision)
                .cluster("b", "1")
                .listener("tls/443", "2")
                .route("proxy", "2")
                .route("tls/443", "2")
                .secret("leaf/b", "1");
    }

    TestSnapshot cluster(String name, String version) {
        return put(clusters, name, version);
    }

    TestSnapshot listener(String name, String version) {
        return put(listeners, name, version);
    }

    TestSnapshot route(String name, String version) {
        return put(routes, name, version);
    }

    TestSnapshot secret(String name, String version) {
        secretNames.add(name);
        return put(secrets, name, version);
    }

    TestSnapshot missingSecret(String name) {
        secretNames.add(name);
        secrets.remove(name);
        return this;
    }

    TestSnapshot tombstone(String name, String version) {
        tombstones.add(name);
        return secret(name, version);
    }

    TestSnapshot marksTombstone(String name) {
        tombstones.add(name);
        return this;
    }

    TestSnapshot interim(String version) {
        interim = resource("proxy", version);
        return this;
    }

    TestSnapshot with(SortedMap<String, VersionedResource> to, VersionedResource resource) {
        to.put(resource.name(), resource);
        return this;
    }

    TestSnapshot listener(VersionedResource resource) {
        return with(listeners, resource);
    }

    TestSnapshot cluster(VersionedResource resource) {
        return with(clusters, resource);
    }

    TestSnapshot route(VersionedResource resource) {
        return with(routes, resource);
    }

    TestSnapshot secret(VersionedResource resource) {
        secretNames.add(resource.name());
        return with(secrets, resource);
    }

    TestSnapshot interim(VersionedResource resource) {
        interim = resource;
        return this;
    }

    TestSnapshot without(String name) {
        clusters.remove(name);
        listeners.remove(name);
        routes.remove(name);
        secrets.remove(name);
        secretNames.remove(name);
        return this;
    }

    private TestSnapshot put(SortedMap<String, VersionedResource> to, String name, String version) {
        return with(to, resource(name, version));
    }

    /** One that the generated classes can read, of a bit more than that many bytes. */
    static VersionedResource readable(ResourceType type, String name, String version, int bytes) {
        Any content = Any.newBuilder()
                .setTypeUrl(type.typeUrl())
                .setValue(ByteString.copyFrom(new byte[bytes]))
                .build();
        return new VersionedResource(
                name,
                version,
                () -> Resource.newBuilder()
                        .setName(name)
                        .setVersion(version)
                        .setResource(content)
                        .build()
                        .toByteString());
    }

    /** One readable resource {@code x} of each type, of that many bytes. */
    static TestSnapshot ofEachType(String revision, int bytes) {
        return new TestSnapshot(WORKLOAD, revision)
                .cluster(readable(ResourceType.CLUSTER, "x", revision, bytes))
                .listener(readable(ResourceType.LISTENER, "x", revision, bytes))
                .route(readable(ResourceType.ROUTE, "x", revision, bytes))
                .secret(readable(ResourceType.SECRET, "x", revision, bytes));
    }

    static VersionedResource resource(String name, String version) {
        return new VersionedResource(name, version, () -> ByteString.copyFromUtf8(name + "@" + version));
    }

    @Override
    public PolicyId workload() {
        return workload;
    }

    @Override
    public String revision() {
        return revision;
    }

    @Override
    public SortedMap<String, VersionedResource> clusters() {
        return Collections.unmodifiableSortedMap(clusters);
    }

    @Override
    public SortedMap<String, VersionedResource> listeners(SidecarPorts ports) {
        return Collections.unmodifiableSortedMap(listeners);
    }

    @Override
    public SortedMap<String, VersionedResource> routes() {
        return Collections.unmodifiableSortedMap(routes);
    }

    @Override
    public VersionedResource denyAllRoutes(String name) {
        return resource(name, "deny-all");
    }

    @Override
    public SortedSet<String> secretNames() {
        return Collections.unmodifiableSortedSet(secretNames);
    }

    @Override
    public Optional<VersionedResource> secret(String name) {
        return Optional.ofNullable(secrets.get(name));
    }

    @Override
    public boolean isTombstone(String name) {
        return tombstones.contains(name);
    }

    @Override
    public Optional<VersionedResource> interimProxyRoutes(WorkloadSnapshot held) {
        return Optional.ofNullable(interim);
    }
}
