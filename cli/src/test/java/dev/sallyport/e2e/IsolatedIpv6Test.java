package dev.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the sidecar of an isolated command reaches beyond the machine, with and without an IPv6 route there. */
@EndToEnd
@Tag(EndToEnd.ONE_ENVOY)
class IsolatedIpv6Test {
    private static final String CODE = "curl -s -m 20 -o /dev/null -w '%{http_code} ' ";

    @BeforeEach
    void names() {
        Internet.get().dns().put("far4.example.com", FarHost.IPV4).put("far6.example.com", FarHost.IPV6);
    }

    @AfterEach
    void noNames() {
        Internet.get().dns().remove("far4.example.com");
        Internet.get().dns().remove("far6.example.com");
    }

    @Test
    @DisplayName(
            "CAP-15 a host that has IPv6 addresses alone is reached under the machine's own address, and the machine is as before afterwards")
    void ipv6LeadsOut() throws Exception {
        try (FarHost far = FarHost.start()) {
            String before = Shell.machine();
            try (IsolatedShell shell = IsolatedShell.start()) {
                assertThat(shell.run(CODE + "https://far6.example.com/; " + CODE
                                + "--noproxy '*' https://far6.example.com/"))
                        .startsWith("200 200 ");
                assertThat(far.callers()).isNotEmpty().containsOnly(FarHost.THIS_IPV6);
                assertThat(shell.run(CODE + "https://far4.example.com/")).startsWith("200 ");
                assertThat(far.callers()).contains(FarHost.THIS_IPV4);
                assertThat(ipv6("all/forwarding")).isEqualTo("1");
                assertThat(ipv6("far0/accept_ra")).isEqualTo("2");
            }
            assertThat(Shell.machine()).isEqualTo(before);
        }
    }

    @Test
    @DisplayName("CAP-15 without an IPv6 route, hosts that have both are reached by IPv4, and IPv6 fails at once")
    void withoutAnIpv6RouteEverythingGoesByIpv4() throws Exception {
        String before = Shell.machine();
        try (IsolatedShell shell = IsolatedShell.start()) {
            assertThat(shell.run(CODE + "https://api.example.com/; " + CODE + "https://far6.example.com/"))
                    .startsWith("200 503 ");
            assertThat(ipv6("all/forwarding")).isEqualTo("0");
        }
        assertThat(Shell.machine()).isEqualTo(before);
    }

    private static String ipv6(String setting) throws IOException {
        return Files.readString(Path.of("/proc/sys/net/ipv6/conf").resolve(setting))
                .strip();
    }
}
