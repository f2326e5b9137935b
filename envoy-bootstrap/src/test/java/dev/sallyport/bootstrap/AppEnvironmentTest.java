package dev.sallyport.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AppEnvironmentTest {
    private final AppEnvironment environment =
            new AppEnvironment("/etc/sallyport/trust", 15001, List.of(".svc", "10.0.0.0/8"));

    @Test
    @DisplayName("TRUST-02 what adds to the trusted CAs gets ca.pem, what replaces them bundle.pem")
    void addsWithTheCaAloneAndReplacesWithTheBundle() {
        Map<String, String> variables = environment.variables();
        assertThat(variables)
                .containsEntry("NODE_EXTRA_CA_CERTS", "/etc/sallyport/trust/ca.pem")
                .containsEntry("DENO_CERT", "/etc/sallyport/trust/ca.pem");
        assertThat(variables.values().stream().filter("/etc/sallyport/trust/ca.pem"::equals))
                .hasSize(2);
        assertThat(variables.values().stream().filter("/etc/sallyport/trust/bundle.pem"::equals))
                .hasSize(15);
        assertThat(variables)
                .containsEntry("WGETRC", "/etc/sallyport/trust/wgetrc")
                .containsEntry("SSL_CERT_FILE", "/etc/sallyport/trust/bundle.pem");
    }

    @Test
    @DisplayName("TRUST-03 a variable that the app sets is kept, and named")
    void keepsWhatTheAppSetsAndNamesIt() {
        Map<String, String> app = new HashMap<>(Map.of("SSL_CERT_FILE", "/x", "HTTPS_PROXY", "http://127.0.0.1:15001"));
        assertThat(environment.addTo(app)).containsExactly("SSL_CERT_FILE");
        assertThat(app).containsEntry("SSL_CERT_FILE", "/x").containsEntry("https_proxy", "http://127.0.0.1:15001");
    }

    @Test
    @DisplayName("TRUST-04 Java's options are appended to the app's own")
    void appendsToJavasOptions() {
        Map<String, String> app = new HashMap<>(Map.of("JAVA_TOOL_OPTIONS", "-Xmx1g -Dhttps.proxyPort=1"));
        assertThat(environment.addTo(app)).containsExactly("JAVA_TOOL_OPTIONS -Dhttps.proxyPort");
        assertThat(app.get("JAVA_TOOL_OPTIONS"))
                .isEqualTo(
                        "-Xmx1g -Dhttps.proxyPort=1 -Dhttp.nonProxyHosts=localhost|127.*|[::1]|*.svc -Dhttp.proxyHost=127.0.0.1"
                                + " -Dhttp.proxyPort=15001 -Dhttps.proxyHost=127.0.0.1 -Djavax.net.ssl.trustStore=/etc/sallyport/trust/truststore");
    }

    @Test
    @DisplayName("INJ-02 what was added once is neither added again nor named as the app's own")
    void addsNothingTheSecondTime() {
        Map<String, String> app = new HashMap<>(Map.of("JAVA_TOOL_OPTIONS", "-Xmx1g"));
        assertThat(environment.addTo(app)).isEmpty();
        Map<String, String> once = new HashMap<>(app);
        assertThat(environment.addTo(app)).isEmpty();
        assertThat(app).isEqualTo(once);
    }

    @Test
    @DisplayName("TRUST-11 what a person's shell says of proxies and certificates is replaced, and named")
    void replacesWhatAShellSetsAndNamesIt() {
        Map<String, String> shell = new HashMap<>(Map.of(
                "SSL_CERT_FILE", "/x",
                "https_proxy", "http://proxy.corp:3128",
                "no_proxy", "*",
                "HTTP_PROXY", "http://127.0.0.1:15001",
                "JAVA_TOOL_OPTIONS", "-Xmx1g -Dhttps.proxyPort=1"));
        assertThat(environment.replaceIn(shell))
                .containsExactly("JAVA_TOOL_OPTIONS -Dhttps.proxyPort", "SSL_CERT_FILE", "https_proxy", "no_proxy");
        assertThat(shell).containsAllEntriesOf(environment.variables());
        assertThat(shell.get("JAVA_TOOL_OPTIONS"))
                .startsWith("-Xmx1g -Dhttps.proxyPort=1 ")
                .contains(" -Dhttps.proxyPort=15001");
    }

    @Test
    void quotesPathsWithBlanksForJava() {
        Map<String, String> app = new HashMap<>();
        new AppEnvironment("/a b", 1, List.of()).addTo(app);
        assertThat(app.get("JAVA_TOOL_OPTIONS")).contains(" \"-Djavax.net.ssl.trustStore=/a b/truststore\"");
    }

    @Test
    @DisplayName("TRUST-05 the proxy in lower and upper case, and what does not go through it")
    void namesTheProxyInBothCases() {
        assertThat(environment.variables())
                .containsEntry("http_proxy", "http://127.0.0.1:15001")
                .containsEntry("https_proxy", "http://127.0.0.1:15001")
                .containsEntry("HTTP_PROXY", "http://127.0.0.1:15001")
                .containsEntry("HTTPS_PROXY", "http://127.0.0.1:15001")
                .containsEntry("no_proxy", "localhost,127.0.0.1,::1,.svc,10.0.0.0/8")
                .containsEntry("NO_PROXY", "localhost,127.0.0.1,::1,.svc,10.0.0.0/8");
    }

    @Test
    @DisplayName("TRUST-09 SSL_CERT_DIR is not used")
    void doesNotSetTheDirectoryThatMakesCurlIgnoreTheFile() {
        assertThat(environment.variables()).doesNotContainKey("SSL_CERT_DIR");
    }
}
