package dev.sallyport.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Asked by the resolver of this Java, which reads the /etc/resolv.conf of {@link TestNetwork}. */
class DnsServerTest {
    private final DnsServer dns = new DnsServer();

    @BeforeEach
    void start() throws Exception {
        dns.start();
    }

    @AfterEach
    void stop() throws Exception {
        dns.close();
    }

    @Test
    void answersWithTheAddressesOfBothFamilies() throws Exception {
        dns.put("both.example.com", "203.0.113.10", "2001:db8:ffff::10");

        assertThat(InetAddress.getAllByName("both.example.com"))
                .extracting(InetAddress::getHostAddress)
                .containsExactlyInAnyOrder("203.0.113.10", "2001:db8:ffff:0:0:0:0:10");
    }

    @Test
    void answersWhatItWasToldLast() throws Exception {
        dns.put("first.changing.example.com", "203.0.113.10");
        dns.put("first.changing.example.com", "203.0.113.11");

        assertThat(InetAddress.getAllByName("first.changing.example.com"))
                .extracting(InetAddress::getHostAddress)
                .containsExactly("203.0.113.11");
    }

    @Test
    void knowsNoOtherNames() {
        dns.put("removed.example.com", "203.0.113.10");
        dns.remove("removed.example.com");

        assertThatThrownBy(() -> InetAddress.getAllByName("removed.example.com"))
                .isInstanceOf(UnknownHostException.class);
        assertThatThrownBy(() -> InetAddress.getAllByName("never.example.com"))
                .isInstanceOf(UnknownHostException.class);
    }

    @Test
    void answersByTcp() throws Exception {
        dns.put("tcp.example.com", "203.0.113.10");
        byte[] query = {
            7, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 't', 'c', 'p', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 3, 'c', 'o',
            'm', 0, 0, 1, 0, 1
        };
        try (Socket socket = new Socket(TestNetwork.DNS, 53)) {
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.writeShort(query.length);
            out.write(query);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] answer = in.readNBytes(in.readUnsignedShort());
            assertThat(answer).startsWith(7, 7).endsWith(203, 0, 113, 10);
        }
    }
}
