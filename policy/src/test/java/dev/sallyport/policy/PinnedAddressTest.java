package dev.sallyport.policy;

import static dev.sallyport.policy.Policies.acceptedHost;
import static dev.sallyport.policy.Policies.hostErrors;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PinnedAddressTest {
    @ParameterizedTest
    @CsvSource({
        "10.20.0.7, 10.20.0.7, 0",
        "10.20.0.7:8443, 10.20.0.7, 8443",
        "127.0.0.1:9443, 127.0.0.1, 9443",
        "::1, ::1, 0",
        "[::1], ::1, 0",
        "[FD00:0:0::7]:8443, fd00::7, 8443",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1, 0",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1, 0",
        "1::, 1::, 0",
        "::ffff:10.0.0.1, 10.0.0.1, 0",
        "[::ffff:a00:1]:443, 10.0.0.1, 443",
        "64:ff9b::10.0.0.1, 64:ff9b::a00:1, 0",
        "255.1.1.1, -, 0",
        "100.64.0.1, 100.64.0.1, 0"
    })
    void writesAddressesInOneForm(String written, String ip, int port) {
        if (ip.equals("-")) {
            assertThat(hostErrors("host: a.example.com, resolveTo: [\"" + written + "\"]"))
                    .hasSize(1);
        } else {
            OptionalInt expected = port == 0 ? OptionalInt.empty() : OptionalInt.of(port);
            assertThat(acceptedHost("host: a.example.com, resolveTo: [\"" + written + "\"]")
                            .resolveTo())
                    .containsExactly(new PinnedAddress(ip, expected));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "169.254.169.254",
                "169.254.1.1:80",
                "fe80::1",
                "febf::1",
                "fd00:ec2::254",
                "[fd00:ec2:0::254]:80",
                "100.100.100.200",
                "168.63.129.16",
                "0.0.0.0",
                "0.1.2.3",
                "::",
                "224.0.0.1",
                "239.1.1.1",
                "240.0.0.1",
                "255.255.255.255",
                "ff02::1",
                "::ffff:169.254.169.254",
                "::ffff:a9fe:a9fe",
                "[::ffff:100.100.100.200]:80",
                "64:ff9b::169.254.169.254",
                "2002:a9fe:a9fe::1",
                "::169.254.169.254",
                "::ffff:0.0.0.0"
            })
    void refusesWhatIsNeverAnUpstream(String address) {
        assertThat(hostErrors("host: a.example.com, resolveTo: [\"" + address + "\"]"))
                .hasSize(1)
                .first()
                .asString()
                .startsWith(
                        "spec.hosts[0].resolveTo[0]: found \"" + address + "\", expected the address of an upstream");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a.example.com",
                "10.0.0",
                "10.0.0.1.",
                "010.0.0.1",
                "10.0.0.256",
                "0x0a.0.0.1",
                "10.0.0.1:",
                "10.0.0.1:0",
                "10.0.0.1:65536",
                "10.0.0.1:0443",
                "[10.0.0.1]:443",
                "[::1",
                "::1]",
                "[::1]:",
                ":::",
                "1::2::3",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1:2:3:4:5:6:7::8",
                "12345::",
                "fe80::1%eth0",
                "::g",
                "1.2.3.4::",
                " 10.0.0.1",
                "10.0.0.1/32",
                "::1.2.3"
            })
    void refusesWhatIsNoAddress(String address) {
        assertThat(hostErrors("host: a.example.com, resolveTo: [\"" + address + "\"]"))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("spec.hosts[0].resolveTo[0]: found \"");
    }

    @Test
    void refusesListsWithoutMeaning() {
        assertThat(hostErrors("host: a.example.com, resolveTo: []"))
                .hasSize(1)
                .first()
                .asString()
                .contains("empty list");
        assertThat(hostErrors("host: a.example.com, resolveTo: 10.0.0.1"))
                .containsExactly("spec.hosts[0].resolveTo: found \"10.0.0.1\", expected a list of IP or IP:PORT");
        assertThat(hostErrors("host: a.example.com, resolveTo: [10.0.0.1, \"::ffff:10.0.0.1\"]"))
                .containsExactly("spec.hosts[0].resolveTo[1]: found 10.0.0.1 a second time");
        assertThat(hostErrors("host: a.example.com, resolveTo: [" + "10.0.0.1:1, ".repeat(16) + "10.0.0.1]"))
                .isNotEmpty();
    }

    @Test
    void keepsTheOrderOfAddresses() {
        assertThat(acceptedHost(
                                "host: a.example.com, tls: Passthrough, resolveTo: [10.0.0.9, 10.0.0.1, \"10.0.0.1:1\"]")
                        .resolveTo())
                .extracting(PinnedAddress::ip)
                .containsExactly("10.0.0.9", "10.0.0.1", "10.0.0.1");
    }
}
