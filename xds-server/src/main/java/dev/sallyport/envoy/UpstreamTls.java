package dev.sallyport.envoy;

import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CombinedCertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher.SanType;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters.TlsProtocol;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import java.util.Optional;

/** TLS towards upstreams: whose certificates are believed, and for which name. */
final class UpstreamTls {
    static final TlsParameters VERSIONS = TlsParameters.newBuilder()
            .setTlsMinimumProtocolVersion(TlsProtocol.TLSv1_2)
            .setTlsMaximumProtocolVersion(TlsProtocol.TLSv1_3)
            .build();

    /** Envoy's trust in the authorities that {@code pem} holds; empty: in the public roots, which all clusters and workloads share as one secret. */
    record Trust(Optional<String> pem) {
        static final Trust PUBLIC = new Trust(Optional.empty());

        static Trust in(String pem) {
            return new Trust(Optional.of(pem));
        }
    }

    /** For a cluster of many hosts: SNI and SAN are those of the request's authority, see {@link UpstreamHttp}. */
    static TransportSocket.Builder ofRequests(Trust trust) {
        return socket(UpstreamTlsContext.newBuilder(), trust, CertificateValidationContext.newBuilder());
    }

    /** For a cluster of one host. */
    static TransportSocket.Builder of(String host, Trust trust) {
        return socket(
                UpstreamTlsContext.newBuilder().setSni(host),
                trust,
                CertificateValidationContext.newBuilder()
                        .addMatchTypedSubjectAltNames(SubjectAltNameMatcher.newBuilder()
                                .setSanType(SanType.DNS)
                                .setMatcher(Text.exactly(host))));
    }

    private static TransportSocket.Builder socket(
            UpstreamTlsContext.Builder context, Trust trust, CertificateValidationContext.Builder names) {
        return Envoy.transportSocket(
                "envoy.transport_sockets.tls",
                // No resumption: a session of one host must not shorten the check of another.
                context.setMaxSessionKeys(Envoy.uint32(0)).setCommonTlsContext(validation(trust, names)));
    }

    private static CommonTlsContext.Builder validation(Trust trust, CertificateValidationContext.Builder names) {
        CommonTlsContext.Builder common = CommonTlsContext.newBuilder().setTlsParams(VERSIONS);
        return trust.pem()
                .map(pem -> common.setValidationContext(names.setTrustedCa(Envoy.inline(pem))))
                .orElseGet(() -> common.setCombinedValidationContext(CombinedCertificateValidationContext.newBuilder()
                        .setDefaultValidationContext(names)
                        .setValidationContextSdsSecretConfig(Envoy.secretFromAds(ResourceNames.PUBLIC_ROOTS))));
    }

    private UpstreamTls() {}
}
