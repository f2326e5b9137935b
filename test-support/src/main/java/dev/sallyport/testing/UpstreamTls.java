package dev.sallyport.testing;

import dev.sallyport.testing.TestPki.ServerCertificate;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** The TLS settings of an upstream by server name. */
final class UpstreamTls {
    private final Function<String, ServerCertificate> certificates;
    private final Map<String, SslContext> contexts = new ConcurrentHashMap<>();
    private final Set<String> http1Only = ConcurrentHashMap.newKeySet();

    UpstreamTls(Function<String, ServerCertificate> certificates) {
        this.certificates = certificates;
    }

    void offerHttp1OnlyFor(String serverName) {
        http1Only.add(serverName);
    }

    /** Without a name: as for the name "". */
    SslContext context(@Nullable String serverName) {
        return contexts.computeIfAbsent(serverName == null ? "" : serverName, this::create);
    }

    private SslContext create(String serverName) {
        ServerCertificate certificate = certificates.apply(serverName);
        try {
            return SslContextBuilder.forServer(certificate.key(), certificate.certificate())
                    .sslProvider(SslProvider.JDK)
                    .applicationProtocolConfig(new ApplicationProtocolConfig(
                            Protocol.ALPN,
                            SelectorFailureBehavior.NO_ADVERTISE,
                            SelectedListenerFailureBehavior.ACCEPT,
                            http1Only.contains(serverName) ? List.of("http/1.1") : List.of("h2", "http/1.1")))
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException(e);
        }
    }
}
