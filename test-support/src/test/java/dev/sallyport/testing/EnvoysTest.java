package dev.sallyport.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.bootstrap.EnvoyBinary;
import dev.sallyport.bootstrap.EnvoyException;
import dev.sallyport.bootstrap.EnvoyLaunch;
import dev.sallyport.bootstrap.EnvoyProcess;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EnvoysTest {
    private static final String READY = """
            static_resources:
              listeners:
              - name: ready
                address: {socket_address: {address: 127.0.0.1, port_value: 15021}}
                filter_chains:
                - filters:
                  - name: envoy.filters.network.http_connection_manager
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                      stat_prefix: ready
                      access_log:
                      - name: stdout
                        typed_config: {"@type": type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog}
                      route_config:
                        virtual_hosts: [{name: all, domains: ["*"], routes: [{match: {prefix: /}, direct_response: {status: 200}}]}]
                      http_filters:
                      - name: envoy.filters.http.router
                        typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
            """;

    private final Queue<String> accessLog = new ConcurrentLinkedQueue<>();

    @ParameterizedTest
    @MethodSource("dev.sallyport.testing.Envoys#all")
    void becomesReadyAndDeliversItsLog(EnvoyBinary binary) throws Exception {
        try (EnvoyProcess envoy = start(binary, READY)) {
            envoy.awaitReady(InetAddress.getByName("0.0.0.0"), 15021, Duration.ofSeconds(20));
            assertThat(envoy.isAlive()).isTrue();
        }
        assertThat(accessLog).anyMatch(line -> line.contains("/ready"));
    }

    @ParameterizedTest
    @MethodSource("dev.sallyport.testing.Envoys#all")
    void saysWhatEnvoyDidNotLike(EnvoyBinary binary) throws Exception {
        try (EnvoyProcess envoy = start(binary, "no_such_field: 1")) {
            assertThatThrownBy(() -> envoy.awaitReady(InetAddress.getLoopbackAddress(), 1, Duration.ofSeconds(20)))
                    .isInstanceOf(EnvoyException.class)
                    .hasMessageContaining("no_such_field");
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sallyport.testing.Envoys#all")
    void isTheVersionItSays(EnvoyBinary binary) throws Exception {
        assertThat(EnvoyBinary.locate(binary.path(), Map.of(), line -> {})).isEqualTo(binary);
    }

    private EnvoyProcess start(EnvoyBinary binary, String bootstrap) throws Exception {
        return EnvoyProcess.start(new EnvoyLaunch(
                binary.path(),
                List.of("--config-yaml", bootstrap, "--concurrency", "1", "--disable-hot-restart"),
                List.of(),
                accessLog::add,
                line -> {}));
    }
}
