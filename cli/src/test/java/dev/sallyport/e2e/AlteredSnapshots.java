package dev.sallyport.e2e;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.proto.ProtoYaml;
import dev.sallyport.snapshot.Snapshots;
import dev.sallyport.snapshot.VersionedResource;
import dev.sallyport.snapshot.WorkloadSnapshot;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.Consumer;

/** What a control loop has, with every resource changed on its way to the sidecars. */
record AlteredSnapshots(Snapshots origin, Without alteration) implements Snapshots {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    public boolean synced() {
        return origin.synced();
    }

    @Override
    public WorkloadSnapshot current(PolicyId workload) {
        return new Altered(origin.current(workload), alteration);
    }

    @Override
    public AutoCloseableQuietly watch(PolicyId workload, Consumer<WorkloadSnapshot> listener) {
        return origin.watch(workload, snapshot -> listener.accept(new Altered(snapshot, alteration)));
    }

    private record Altered(WorkloadSnapshot origin, Without alteration) implements WorkloadSnapshot {
        @Override
        public PolicyId workload() {
            return origin.workload();
        }

        @Override
        public String revision() {
            return origin.revision();
        }

        @Override
        public SortedMap<String, VersionedResource> clusters() {
            return altered(origin.clusters());
        }

        @Override
        public SortedMap<String, VersionedResource> listeners(SidecarPorts ports) {
            return altered(origin.listeners(ports));
        }

        @Override
        public SortedMap<String, VersionedResource> routes() {
            return altered(origin.routes());
        }

        @Override
        public VersionedResource denyAllRoutes(String name) {
            return origin.denyAllRoutes(name);
        }

        @Override
        public SortedSet<String> secretNames() {
            return origin.secretNames();
        }

        @Override
        public Optional<VersionedResource> secret(String name) {
            return origin.secret(name).map(this::altered);
        }

        @Override
        public boolean isTombstone(String name) {
            return origin.isTombstone(name);
        }

        @Override
        public Optional<VersionedResource> interimProxyRoutes(WorkloadSnapshot held) {
            return origin.interimProxyRoutes(((Altered) held).origin()).map(this::altered);
        }

        private SortedMap<String, VersionedResource> altered(SortedMap<String, VersionedResource> resources) {
            SortedMap<String, VersionedResource> all = new TreeMap<>();
            resources.forEach((name, resource) -> all.put(name, altered(resource)));
            return all;
        }

        private VersionedResource altered(VersionedResource resource) {
            return new VersionedResource(resource.name(), resource.version(), () -> altered(resource.bytes()));
        }

        private ByteString altered(ByteString bytes) {
            try {
                Resource resource = Resource.parseFrom(bytes);
                Struct tree = ProtoYaml.parse(ProtoYaml.print(resource), Struct.newBuilder())
                        .build();
                ObjectNode json =
                        (ObjectNode) JSON.readTree(JsonFormat.printer().print(tree));
                alteration.edit((ObjectNode) json.required("resource"));
                return ProtoYaml.parse(json.toString(), Resource.newBuilder())
                        .build()
                        .toByteString();
            } catch (InvalidProtocolBufferException | JsonProcessingException e) {
                throw new AssertionError("a resource that Envoy would not take", e);
            }
        }
    }
}
