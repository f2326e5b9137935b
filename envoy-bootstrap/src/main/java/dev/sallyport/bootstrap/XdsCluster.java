package dev.sallyport.bootstrap;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import dev.sallyport.bootstrap.SidecarSpec.ControlPlane;
import dev.sallyport.bootstrap.SidecarSpec.SecretFile;
import dev.sallyport.proto.NewerFields;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DiscoveryType;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.KeepaliveSettings;
import io.envoyproxy.envoy.config.core.v3.PathConfigSource;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.config.core.v3.WatchedDirectory;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.extensions.filters.http.credential_injector.v3.CredentialInjector;
import io.envoyproxy.envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.http.injected_credentials.generic.v3.Generic;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CombinedCertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher.SanType;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters.TlsProtocol;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.ExplicitHttpConfig;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;

/** The cluster over which a sidecar asks for its configuration: TLS to one name, and the sidecar's token on every stream, both read again when their files change. */
final class XdsCluster {
    static final String NAME = "xds";

    static Cluster.Builder of(SidecarSpec spec) {
        return Cluster.newBuilder()
                .setName(NAME)
                .setType(DiscoveryType.STRICT_DNS)
                .setConnectTimeout(Durations.fromSeconds(5))
                .setLoadAssignment(ClusterLoadAssignment.newBuilder()
                        .setClusterName(NAME)
                        .addEndpoints(LocalityLbEndpoints.newBuilder()
                                .addLbEndpoints(LbEndpoint.newBuilder()
                                        .setEndpoint(Endpoint.newBuilder().setAddress(address(spec.controlPlane()))))))
                .setTransportSocket(tls(spec))
                .putTypedExtensionProtocolOptions(
                        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions", any(http(spec)));
    }

    private static Address.Builder address(ControlPlane controlPlane) {
        return Address.newBuilder()
                .setSocketAddress(SocketAddress.newBuilder()
                        .setAddress(controlPlane.host())
                        .setPortValue(controlPlane.port()));
    }

    private static TransportSocket.Builder tls(SidecarSpec spec) {
        String serverName = spec.controlPlane().serverName();
        return TransportSocket.newBuilder()
                .setName("envoy.transport_sockets.tls")
                .setTypedConfig(any(UpstreamTlsContext.newBuilder()
                        .setSni(serverName)
                        .setCommonTlsContext(CommonTlsContext.newBuilder()
                                .addAlpnProtocols("h2")
                                .setTlsParams(TlsParameters.newBuilder()
                                        .setTlsMinimumProtocolVersion(TlsProtocol.TLSv1_2)
                                        .setTlsMaximumProtocolVersion(TlsProtocol.TLSv1_3))
                                .setCombinedValidationContext(CombinedCertificateValidationContext.newBuilder()
                                        .setDefaultValidationContext(onlyFor(serverName))
                                        .setValidationContextSdsSecretConfig(secret(SdsFiles.CA, spec.ca()))))));
    }

    private static CertificateValidationContext.Builder onlyFor(String serverName) {
        return CertificateValidationContext.newBuilder()
                .addMatchTypedSubjectAltNames(SubjectAltNameMatcher.newBuilder()
                        .setSanType(SanType.DNS)
                        .setMatcher(StringMatcher.newBuilder().setExact(serverName)));
    }

    private static HttpProtocolOptions.Builder http(SidecarSpec spec) {
        return HttpProtocolOptions.newBuilder()
                .setExplicitHttpConfig(ExplicitHttpConfig.newBuilder()
                        .setHttp2ProtocolOptions(Http2ProtocolOptions.newBuilder()
                                // Without it a connection that lost its peer silently is kept for ever.
                                .setConnectionKeepalive(KeepaliveSettings.newBuilder()
                                        .setInterval(Durations.fromSeconds(30))
                                        .setTimeout(Durations.fromSeconds(10)))))
                // A new stream has the token that is in the file by then.
                .addHttpFilters(filter(
                        "xds-token",
                        CredentialInjector.newBuilder()
                                .setOverwrite(true)
                                .setCredential(TypedExtensionConfig.newBuilder()
                                        .setName("envoy.http.injected_credentials.generic")
                                        .setTypedConfig(any(NewerFields.headerValuePrefix(
                                                Generic.newBuilder()
                                                        .setHeader("authorization")
                                                        .setCredential(secret(SdsFiles.TOKEN, spec.token())),
                                                "Bearer "))))))
                // Always the last: it sends the request.
                .addHttpFilters(filter("envoy.filters.http.upstream_codec", UpstreamCodec.newBuilder()));
    }

    private static SdsSecretConfig.Builder secret(String name, SecretFile file) {
        return SdsSecretConfig.newBuilder()
                .setName(name)
                .setSdsConfig(ConfigSource.newBuilder()
                        .setResourceApiVersion(ApiVersion.V3)
                        .setPathConfigSource(PathConfigSource.newBuilder()
                                .setPath(file.sds().toString())
                                .setWatchedDirectory(WatchedDirectory.newBuilder()
                                        .setPath(file.directory().toString()))));
    }

    private static HttpFilter.Builder filter(String name, Message.Builder config) {
        return HttpFilter.newBuilder().setName(name).setTypedConfig(any(config));
    }

    private static Any any(Message.Builder message) {
        return Any.pack(message.build());
    }

    private XdsCluster() {}
}
