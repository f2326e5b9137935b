package dev.sallyport.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestNetworkTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "203.0.113.10",
                "198.51.100.7",
                "2001:db8:ffff::10",
                "10.9.0.1",
                "169.254.169.254",
                "100.64.0.1",
                "192.168.7.1",
                "fd00:9::1",
                "fd00:ec2::254",
                "64:ff9b::a09:1",
                "2002:a09:1::1",
                "127.0.0.1",
                "::1"
            })
    void hasServersOnEveryKindOfAddress(String address) throws IOException {
        TestNetwork.require();
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName(address));
                Socket client = new Socket(server.getInetAddress(), server.getLocalPort())) {
            assertThat(client.isConnected()).isTrue();
        }
    }

    @Test
    void reachesNothingElse() {
        assertThatThrownBy(() -> new Socket(InetAddress.getByName("192.0.2.1"), 443).close())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("unreachable");
    }

    @Test
    void resolvesByTheResolverOfTheTests() {
        assertThat(Path.of("/etc/resolv.conf")).content().isEqualTo("nameserver " + TestNetwork.DNS + "\n");
    }
}
