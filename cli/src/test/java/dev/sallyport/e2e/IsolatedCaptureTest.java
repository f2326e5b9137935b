package dev.sallyport.e2e;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testing.UpstreamConnection;
import dev.sallyport.testing.UpstreamRequest;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An isolated command that knows of no proxy: each of its TCP connections goes to the sidecar, and from there where the policy says. */
@EndToEnd
@Tag(EndToEnd.ONE_ENVOY)
class IsolatedCaptureTest {
    /** Prints the status of each answer, and E where there was none. */
    private static final String CODE = """
            unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY
            code() { curl -s -m 20 -o /dev/null -w '%{http_code} ' "$@" || printf 'E '; }
            """;

    /** The addresses of api.example.com. */
    private static final List<String> REAL = List.of("203.0.113.10", "2001:db8:ffff:0:0:0:0:10");

    private static FarHost far;
    private static IsolatedShell shell;

    @BeforeAll
    static void start() throws IOException {
        far = FarHost.start();
        shell = IsolatedShell.start();
    }

    @AfterAll
    static void end() throws IOException {
        shell.close();
        far.close();
    }

    @Test
    @DisplayName(
            "CAP-01, CAP-03 allowed hosts are intercepted, with the credential, http:// is upgraded, all others are closed and logged")
    void everyConnectionGoesToTheSidecar() {
        List<UpstreamConnection> connections =
                during(() -> shell.run(CODE + """
                code -H 'x-cap: 1' https://api.example.com/
                code -H 'x-cap: 2' http://api.example.com/
                code -k https://b.example.com/
                code http://b.example.com/
                code --connect-to ::203.0.113.10:22 -k https://b.example.com/
                code --connect-to ::[2001:db8:ffff::10]:8080 -k https://b.example.com/
                code --connect-to ::[2001:db8:ffff::10]:80 http://c.example.com/
                """), "200 200 000 E 403 000 E 000 E 403 ");
        for (String number : List.of("1", "2")) {
            assertThat(Internet.get().upstream().requests("x-cap", number))
                    .singleElement()
                    .satisfies(
                            request -> assertThat(request.values("x-api-key")).containsExactly(Machine.KEY));
        }
        assertThat(connections)
                .allMatch(connection -> "api.example.com".equals(connection.sni()))
                .allSatisfy(connection -> assertThat(connection.to().getPort()).isEqualTo(443));
        eventually(() -> assertThat(shell.log())
                .filteredOn(line -> "no_matching_chain".equals(line.reason()))
                .extracting(AccessLogLine::toString)
                .anyMatch(line -> line.contains("203.0.113.10:22"))
                .anyMatch(line -> line.contains("[2001:db8:ffff::10]:8080")));
    }

    @Test
    @DisplayName("CAP-02 whatever address is dialled, IPv4 or IPv6, an allowed name leads to the real host")
    void theDialledAddressHasNoMeaning() {
        assertThat(during(() -> shell.run(CODE + """
                code -H 'x-cap: 3' --connect-to ::198.51.100.7:443 https://api.example.com/
                code -H 'x-cap: 4' --connect-to ::[2001:db8:ffff::7]:443 https://api.example.com/
                """), "200 200 "))
                .allSatisfy(
                        connection -> assertThat(connection.to().getAddress().getHostAddress())
                                .isIn(REAL));
        assertThat(List.of("3", "4"))
                .allSatisfy(number -> assertThat(Internet.get().upstream().requests("x-cap", number))
                        .hasSize(1));
    }

    @Test
    @DisplayName(
            "CAP-17 without the packet rules other hosts answer, in clear too, without a credential, and the dialled address is the one that is reached")
    void withoutRulesTheCommandConnectsByItself() {
        shell.withoutRules(() -> assertThat(during(() -> shell.run(CODE + """
                        code -k https://b.example.com/
                        code -H 'x-cap: 5' http://cleartext.example.com/
                        code -k -H 'x-cap: 6' --connect-to ::198.51.100.7:443 https://api.example.com/
                        code -k -H 'x-cap: 7' --connect-to ::[2001:db8:ffff::7]:443 https://api.example.com/
                        """), "200 200 200 200 "))
                .extracting(connection -> connection.to().getAddress().getHostAddress())
                .contains("203.0.113.20", "198.51.100.7", "2001:db8:ffff:0:0:0:0:7"));
        assertThat(List.of("5", "6", "7"))
                .allSatisfy(number -> assertThat(Internet.get().upstream().requests("x-cap", number))
                        .singleElement()
                        .extracting((UpstreamRequest request) -> request.values("x-api-key"))
                        .isEqualTo(List.of()));
    }

    private static List<UpstreamConnection> during(Supplier<String> attack, String codes) {
        int before = Internet.get().upstream().connections().size();
        assertThat(attack.get()).startsWith(codes);
        return Internet.get().upstream().connections().stream().skip(before).toList();
    }
}
