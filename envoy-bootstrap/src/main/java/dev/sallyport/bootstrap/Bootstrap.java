package dev.sallyport.bootstrap;

import com.google.protobuf.Any;
import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.Value;
import com.google.protobuf.util.Durations;
import dev.sallyport.proto.ProtoYaml;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap.DeferredStatOptions;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap.DynamicResources;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap.StaticResources;
import io.envoyproxy.envoy.config.bootstrap.v3.LayeredRuntime;
import io.envoyproxy.envoy.config.bootstrap.v3.RuntimeLayer;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource.ApiType;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.BackoffStrategy;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.config.core.v3.GrpcService.EnvoyGrpc;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.core.v3.RetryPolicy;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.config.metrics.v3.StatsConfig;
import io.envoyproxy.envoy.config.metrics.v3.StatsMatcher;
import io.envoyproxy.envoy.config.overload.v3.OverloadManager;
import io.envoyproxy.envoy.config.overload.v3.ResourceMonitor;
import io.envoyproxy.envoy.extensions.bootstrap.internal_listener.v3.InternalListener;
import io.envoyproxy.envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig;
import io.envoyproxy.envoy.type.matcher.v3.ListStringMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.List;

/** The configuration that a sidecar starts with: whom to ask for the rest, and limits. There is no admin server. */
public final class Bootstrap {
    /** Connections that a sidecar holds at once on all its listeners; it refuses more, except to its readiness listener. The listeners that apps connect to have a limit of 4,000 each, which is logged: this is for both at once. */
    private static final long CONNECTIONS = 4_100;

    /**
     * With it on, Envoy 1.40 resets a captured HTTP/1.1 connection that ends after its answer ({@code Connection: close}), and the app loses the answer.
     */
    private static final String RESETS = "envoy.reloadable_features.propagate_upstream_rst_through_tunneled_tcp_proxy";

    /** Statistics cost memory for each host, and nobody asks for any but these. */
    private static final List<StringMatcher> STATISTICS = List.of(
            prefix("control_plane."),
            prefix("listener_manager."),
            prefix("cluster_manager."),
            prefix("server."),
            StringMatcher.newBuilder().setSuffix("no_filter_chain_match").build());

    /** The bootstrap as YAML: the content of a file, or the value of {@code --config-yaml}. Equal specs give equal text. */
    public static String yaml(SidecarSpec spec) {
        return ProtoYaml.print(io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap.newBuilder()
                .setNode(Node.newBuilder()
                        .setId(spec.nodeId())
                        .setCluster("sallyport-sidecar")
                        .setMetadata(spec.ports().toMetadata()))
                .setDynamicResources(dynamicResources(spec))
                .setStaticResources(StaticResources.newBuilder().addClusters(XdsCluster.of(spec)))
                .addBootstrapExtensions(internalListeners())
                .setStatsConfig(StatsConfig.newBuilder()
                        .setStatsMatcher(StatsMatcher.newBuilder()
                                .setInclusionList(ListStringMatcher.newBuilder().addAllPatterns(STATISTICS))))
                .setDeferredStatOptions(DeferredStatOptions.newBuilder().setEnableDeferredCreationStats(true))
                .setOverloadManager(overloadManager())
                .setLayeredRuntime(LayeredRuntime.newBuilder()
                        .addLayers(
                                RuntimeLayer.newBuilder().setName("sallyport").setStaticLayer(off(RESETS))))
                .build());
    }

    private static DynamicResources.Builder dynamicResources(SidecarSpec spec) {
        return DynamicResources.newBuilder()
                .setAdsConfig(ApiConfigSource.newBuilder()
                        .setApiType(ApiType.DELTA_GRPC)
                        .setTransportApiVersion(ApiVersion.V3)
                        // The node is 60 kB, most of it a list of extensions.
                        .setSetNodeOnFirstMessageOnly(true)
                        .addGrpcServices(GrpcService.newBuilder()
                                .setEnvoyGrpc(EnvoyGrpc.newBuilder()
                                        .setClusterName(XdsCluster.NAME)
                                        .setAuthority(spec.controlPlane().serverName())
                                        .setRetryPolicy(RetryPolicy.newBuilder()
                                                .setRetryBackOff(BackoffStrategy.newBuilder()
                                                        .setBaseInterval(Durations.fromMillis(500))
                                                        .setMaxInterval(Durations.fromSeconds(15)))))))
                .setLdsConfig(fromAds())
                .setCdsConfig(fromAds());
    }

    /** Without a time-out: a sidecar that was told nothing lets nothing out. */
    private static ConfigSource.Builder fromAds() {
        return ConfigSource.newBuilder()
                .setResourceApiVersion(ApiVersion.V3)
                .setAds(AggregatedConfigSource.getDefaultInstance())
                .setInitialFetchTimeout(Durations.ZERO);
    }

    /** What makes connections inside of Envoy possible, from the listeners that bind a port to those that take TLS. */
    private static TypedExtensionConfig.Builder internalListeners() {
        return TypedExtensionConfig.newBuilder()
                .setName("envoy.bootstrap.internal_listener")
                .setTypedConfig(Any.pack(InternalListener.newBuilder()
                        .setBufferSizeKb(UInt32Value.of(64))
                        .build()));
    }

    private static OverloadManager.Builder overloadManager() {
        return OverloadManager.newBuilder()
                .setRefreshInterval(Durations.fromMillis(250))
                .addResourceMonitors(ResourceMonitor.newBuilder()
                        .setName("envoy.resource_monitors.global_downstream_max_connections")
                        .setTypedConfig(Any.pack(DownstreamConnectionsConfig.newBuilder()
                                .setMaxActiveDownstreamConnections(CONNECTIONS)
                                .build())));
    }

    private static Struct.Builder off(String feature) {
        return Struct.newBuilder()
                .putFields(feature, Value.newBuilder().setBoolValue(false).build());
    }

    private static StringMatcher prefix(String prefix) {
        return StringMatcher.newBuilder().setPrefix(prefix).build();
    }

    private Bootstrap() {}
}
