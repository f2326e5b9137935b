package dev.sallyport.webhook;

import dev.sallyport.inject.PodInjector;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509ExtendedKeyManager;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.server.handler.QoSHandler;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The webhook's HTTPS server: {@code POST /inject}, {@code /healthz} and {@code /readyz}. It asks for its certificate at every handshake, so that one is renewed without a restart and without dropping a connection. Constructing it
 * opens nothing.
 */
public final class WebhookServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WebhookServer.class);
    private static final Duration STOP = Duration.ofSeconds(2);
    private static final int HEADERS = 8 << 10;
    private static final int THREADS = 24;

    /** Milliseconds after which a connection without a request is closed when the server ends. */
    private static final int IDLE_AT_THE_END = 100;

    /** When there are too many connections: how long one may be idle then. */
    private static final int IDLE_WHEN_FULL = 2_000;

    private final WebhookConfig config;
    private final Server server;
    private final ServerConnector connector;
    private volatile boolean draining;

    /**
     * Answers for {@code injector}.
     *
     * @param keys the certificate of now and its key
     * @param notReady why it cannot decide, one line; empty: it can
     */
    public WebhookServer(
            WebhookConfig config,
            X509ExtendedKeyManager keys,
            PodInjector injector,
            Supplier<Optional<String>> notReady,
            MeterRegistry meters) {
        this.config = config;
        QueuedThreadPool threads = new QueuedThreadPool(THREADS);
        threads.setName("webhook");
        threads.setDaemon(true);
        this.server = new Server(threads);
        this.connector = connector(server, config, keys);
        AdmissionMetrics metrics = new AdmissionMetrics(meters);
        // What is asked while it drains is still decided.
        Handler admission =
                limited(new AdmissionHandler(new PodAdmission(injector, notReady, metrics), config, metrics), config);
        Supplier<Optional<String>> serving = () -> draining ? Optional.of("it is ending") : notReady.get();
        server.setHandler(new GracefulHandler(new Handler.Sequence(new HealthHandler(serving), admission)));
        server.setErrorHandler(WebhookServer::error);
        server.setStopTimeout(config.drainTime().plus(STOP).toMillis());
        server.addBean(limit(connector, config));
    }

    private static Handler limited(Handler handler, WebhookConfig config) {
        QoSHandler limited = new QoSHandler(handler);
        limited.setMaxRequestCount(config.maxConcurrent());
        limited.setMaxSuspendedRequestCount(config.maxConnections());
        limited.setMaxSuspend(config.requestTime());
        return limited;
    }

    private static NetworkConnectionLimit limit(ServerConnector connector, WebhookConfig config) {
        NetworkConnectionLimit limit = new NetworkConnectionLimit(config.maxConnections(), connector);
        limit.setEndPointIdleTimeout(IDLE_WHEN_FULL);
        return limit;
    }

    private static ServerConnector connector(Server server, WebhookConfig config, X509ExtendedKeyManager keys) {
        SslContextFactory.Server tls = new SslContextFactory.Server();
        tls.setSslContext(context(keys));
        tls.setIncludeProtocols("TLSv1.2", "TLSv1.3");
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setRequestHeaderSize(HEADERS);
        // Whoever verifies our certificate did so by the name that it knows us by; what it calls us in the request is
        // the same to us.
        http.addCustomizer(new SecureRequestCustomizer(false));
        ServerConnector connector =
                new ServerConnector(server, new SslConnectionFactory(tls, "http/1.1"), new HttpConnectionFactory(http));
        connector.setHost(config.listen().getHostString());
        connector.setPort(config.listen().getPort());
        connector.setIdleTimeout(config.idleTime().toMillis());
        connector.setShutdownIdleTimeout(IDLE_AT_THE_END);
        server.addConnector(connector);
        return connector;
    }

    /** What Jetty itself answers: in words, not as a page. */
    private static boolean error(Request request, Response response, Callback callback) {
        String reason = HttpStatus.getMessage(response.getStatus());
        AdmissionHandler.write(
                response,
                callback,
                response.getStatus(),
                "text/plain; charset=utf-8",
                BufferUtil.toBuffer(reason + "\n"));
        return true;
    }

    private static SSLContext context(X509ExtendedKeyManager keys) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {keys}, null, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }

    /**
     * Begins to listen.
     *
     * @throws IOException if it cannot; says where
     */
    public void start() throws IOException {
        try {
            server.start();
        } catch (Exception e) {
            stop();
            throw new IOException(
                    "cannot listen on " + config.listen().getHostString() + ":"
                            + config.listen().getPort() + ": " + e.getMessage(),
                    e);
        }
    }

    /** The port it listens on, once started. */
    public int port() {
        return connector.getLocalPort();
    }

    /** Answers what has come, and ends. */
    @Override
    public void close() {
        draining = true;
        try {
            Thread.sleep(config.drainTime().toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        stop();
    }

    private void stop() {
        try {
            server.stop();
        } catch (Exception e) {
            LOG.warn("the webhook server did not end in order: {}", e.toString());
        }
    }
}
