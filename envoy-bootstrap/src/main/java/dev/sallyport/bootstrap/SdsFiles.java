package dev.sallyport.bootstrap;

import com.google.protobuf.Any;
import dev.sallyport.proto.ProtoYaml;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.GenericSecret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import java.nio.file.Path;

/** The two SDS files that a bootstrap names. They hold no secret, only where it lies: a file that is named in the bootstrap itself would be read once and never again. */
public final class SdsFiles {
    static final String CA = "xds-ca";
    static final String TOKEN = "xds-token";

    /** The file for {@link SidecarSpec#ca}: {@code pem} holds the CA certificates. */
    public static String ca(Path pem) {
        return file(Secret.newBuilder()
                .setName(CA)
                .setValidationContext(CertificateValidationContext.newBuilder().setTrustedCa(in(pem))));
    }

    /** The file for {@link SidecarSpec#token}: {@code token} holds it without a line end. */
    public static String token(Path token) {
        return file(Secret.newBuilder()
                .setName(TOKEN)
                .setGenericSecret(GenericSecret.newBuilder().setSecret(in(token))));
    }

    private static DataSource.Builder in(Path file) {
        return DataSource.newBuilder().setFilename(file.toString());
    }

    private static String file(Secret.Builder secret) {
        return ProtoYaml.print(DiscoveryResponse.newBuilder()
                .addResources(Any.pack(secret.build()))
                .build());
    }

    private SdsFiles() {}
}
