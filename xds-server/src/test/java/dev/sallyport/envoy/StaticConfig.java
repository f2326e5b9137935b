package dev.sallyport.envoy;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ListValue;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.pki.LeafCertificate;
import dev.sallyport.pki.LeafIssuer;
import dev.sallyport.pki.RootSeed;
import dev.sallyport.pki.WorkloadCas;
import dev.sallyport.proto.ProtoYaml;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.stream.Stream;

/** The resources of a workload as one bootstrap without a control plane, so that {@code envoy --mode validate} looks at all of them: it follows no reference to ADS. */
record StaticConfig(WorkloadModel model, Translation translation) {
    private static final String FRAME = """
            node: {id: test, cluster: test}
            bootstrap_extensions:
            - name: envoy.bootstrap.internal_listener
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.bootstrap.internal_listener.v3.InternalListener
            """;

    private static final RootSeed SEED = RootSeed.of(new byte[RootSeed.LENGTH]);
    private static final Clock CLOCK = Clock.systemUTC();
    private static final LeafIssuer LEAVES = new LeafIssuer(SEED, new WorkloadCas(SEED, CLOCK), CLOCK);

    static StaticConfig of(WorkloadModel model) {
        return new StaticConfig(model, WorkloadTranslator.translate(model));
    }

    String yaml() {
        Struct.Builder resources = Struct.newBuilder()
                .putFields("clusters", all(translation.clusters().values()))
                .putFields(
                        "listeners",
                        all(Stream.concat(
                                        EntryListeners.of(model, SidecarPorts.DEFAULT).values().stream(),
                                        translation.internalListeners().values().stream())
                                .toList()))
                .putFields(
                        "secrets",
                        all(translation.secretNames().stream().map(this::secret).toList()));
        return ProtoYaml.print(ProtoYaml.parse(FRAME, Struct.newBuilder())
                .putFields(
                        "static_resources",
                        Value.newBuilder().setStructValue(resources).build())
                .build());
    }

    private Value all(Collection<? extends Message> resources) {
        return list(resources.stream()
                .map(resource -> Value.newBuilder()
                        .setStructValue(inlined(parsed(resource)))
                        .build()));
    }

    private Secret secret(String name) {
        if (name.equals(ResourceNames.PUBLIC_ROOTS)) {
            return Secrets.roots(name, Models.CA);
        }
        return name.startsWith("leaf/") ? leaf(name, name.substring("leaf/".length())) : Secrets.tombstone(name);
    }

    private Secret leaf(String name, String host) {
        LeafCertificate leaf = LEAVES.issue(model.id(), host, Duration.ofHours(1));
        return Secrets.leaf(name, leaf.chainPem(), leaf.keyPem());
    }

    /** Routes take the place of their subscription, and secrets are found by name. */
    private Struct inlined(Struct node) {
        Struct.Builder copy = Struct.newBuilder();
        node.getFieldsMap().forEach((key, value) -> {
            if (key.equals("rds")) {
                copy.putFields(
                        "route_config",
                        Value.newBuilder()
                                .setStructValue(routes(value.getStructValue()))
                                .build());
            } else if (!key.equals("sds_config")) {
                copy.putFields(key, inlined(value));
            }
        });
        return copy.build();
    }

    private Value inlined(Value node) {
        return switch (node.getKindCase()) {
            case STRUCT_VALUE ->
                Value.newBuilder()
                        .setStructValue(inlined(node.getStructValue()))
                        .build();
            case LIST_VALUE -> list(node.getListValue().getValuesList().stream().map(this::inlined));
            default -> node;
        };
    }

    private Struct routes(Struct subscription) {
        String name = subscription.getFieldsOrThrow("route_config_name").getStringValue();
        return parsed(requireNonNull(translation.routes().get(name), name));
    }

    private static Value list(Stream<Value> values) {
        return Value.newBuilder()
                .setListValue(ListValue.newBuilder().addAllValues(values.toList()))
                .build();
    }

    private static Struct parsed(Message resource) {
        return ProtoYaml.parse(ProtoYaml.print(resource), Struct.newBuilder()).build();
    }
}
