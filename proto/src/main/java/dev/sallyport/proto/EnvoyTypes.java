package dev.sallyport.proto;

import com.google.protobuf.Descriptors.FileDescriptor;
import io.envoyproxy.envoy.config.bootstrap.v3.BootstrapProto;
import io.envoyproxy.envoy.config.cluster.v3.ClusterProto;
import io.envoyproxy.envoy.config.listener.v3.ListenerProto;
import io.envoyproxy.envoy.config.route.v3.RouteComponentsProto;
import io.envoyproxy.envoy.config.route.v3.RouteProto;
import io.envoyproxy.envoy.extensions.access_loggers.filters.cel.v3.CelProto;
import io.envoyproxy.envoy.extensions.access_loggers.stream.v3.StreamProto;
import io.envoyproxy.envoy.extensions.bootstrap.internal_listener.v3.InternalListenerProto;
import io.envoyproxy.envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig;
import io.envoyproxy.envoy.extensions.filters.http.credential_injector.v3.CredentialInjectorProto;
import io.envoyproxy.envoy.extensions.filters.http.dynamic_forward_proxy.v3.DynamicForwardProxyProto;
import io.envoyproxy.envoy.extensions.filters.http.header_mutation.v3.HeaderMutationProto;
import io.envoyproxy.envoy.extensions.filters.http.header_to_metadata.v3.HeaderToMetadataProto;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.RouterProto;
import io.envoyproxy.envoy.extensions.filters.http.set_filter_state.v3.SetFilterStateProto;
import io.envoyproxy.envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodecProto;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDstProto;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspectorProto;
import io.envoyproxy.envoy.extensions.filters.network.connection_limit.v3.ConnectionLimitProto;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManagerProto;
import io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RbacProto;
import io.envoyproxy.envoy.extensions.filters.network.set_filter_state.v3.Config;
import io.envoyproxy.envoy.extensions.filters.network.sni_dynamic_forward_proxy.v3.SniDynamicForwardProxyProto;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxyProto;
import io.envoyproxy.envoy.extensions.http.injected_credentials.generic.v3.GenericProto;
import io.envoyproxy.envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsProto;
import io.envoyproxy.envoy.extensions.transport_sockets.internal_upstream.v3.InternalUpstreamProto;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBufferProto;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SecretProto;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsProto;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptionsProto;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryProto;
import java.util.List;

/** The files of Envoy's API whose messages we print, read or pack into {@code Any}; what they import comes with them. */
final class EnvoyTypes {
    static final List<FileDescriptor> FILES = List.of(
            BootstrapProto.getDescriptor(),
            ClusterProto.getDescriptor(),
            ListenerProto.getDescriptor(),
            RouteComponentsProto.getDescriptor(),
            RouteProto.getDescriptor(),
            CelProto.getDescriptor(),
            StreamProto.getDescriptor(),
            InternalListenerProto.getDescriptor(),
            ClusterConfig.getDescriptor().getFile(),
            CredentialInjectorProto.getDescriptor(),
            DynamicForwardProxyProto.getDescriptor(),
            HeaderMutationProto.getDescriptor(),
            HeaderToMetadataProto.getDescriptor(),
            RouterProto.getDescriptor(),
            SetFilterStateProto.getDescriptor(),
            UpstreamCodecProto.getDescriptor(),
            OriginalDstProto.getDescriptor(),
            TlsInspectorProto.getDescriptor(),
            HttpConnectionManagerProto.getDescriptor(),
            ConnectionLimitProto.getDescriptor(),
            RbacProto.getDescriptor(),
            Config.getDescriptor().getFile(),
            SniDynamicForwardProxyProto.getDescriptor(),
            TcpProxyProto.getDescriptor(),
            GenericProto.getDescriptor(),
            DownstreamConnectionsProto.getDescriptor(),
            InternalUpstreamProto.getDescriptor(),
            RawBufferProto.getDescriptor(),
            SecretProto.getDescriptor(),
            TlsProto.getDescriptor(),
            HttpProtocolOptionsProto.getDescriptor(),
            DiscoveryProto.getDescriptor());

    private EnvoyTypes() {}
}
