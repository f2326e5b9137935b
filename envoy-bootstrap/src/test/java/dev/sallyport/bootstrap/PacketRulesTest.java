package dev.sallyport.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class PacketRulesTest {
    @Test
    void captureEveryTcpConnectionAndLetOnlyDnsThrough() throws Exception {
        PacketRules rules = PacketRules.captured(1337, 15006, resolvers());

        assertThat(rules.ipv4()).isEqualTo("""
                *filter
                :INPUT ACCEPT [0:0]
                :FORWARD ACCEPT [0:0]
                :OUTPUT ACCEPT [0:0]
                -A OUTPUT -o lo -j ACCEPT
                -A OUTPUT -p tcp -d 127.0.0.1/32 --dport 15006 -j ACCEPT
                -A OUTPUT -m owner --uid-owner 1337 -j ACCEPT
                -A OUTPUT -m conntrack --ctstate ESTABLISHED --ctdir REPLY -j ACCEPT
                -A OUTPUT -p udp -d 203.0.113.53/32 --dport 53 -j ACCEPT
                -A OUTPUT -p tcp -d 203.0.113.53/32 --dport 53 -j ACCEPT
                -A OUTPUT -p tcp -j REJECT --reject-with tcp-reset
                -A OUTPUT -j REJECT --reject-with icmp-admin-prohibited
                COMMIT
                *nat
                :PREROUTING ACCEPT [0:0]
                :INPUT ACCEPT [0:0]
                :OUTPUT ACCEPT [0:0]
                :POSTROUTING ACCEPT [0:0]
                -A OUTPUT -o lo -j RETURN
                -A OUTPUT -m owner --uid-owner 1337 -j RETURN
                -A OUTPUT -p tcp -d 203.0.113.53/32 --dport 53 -j RETURN
                -A OUTPUT -p tcp -j REDIRECT --to-ports 15006
                COMMIT
                """);
        assertThat(rules.ipv6()).isEqualTo("""
                *filter
                :INPUT ACCEPT [0:0]
                :FORWARD ACCEPT [0:0]
                :OUTPUT ACCEPT [0:0]
                -A OUTPUT -o lo -j ACCEPT
                -A OUTPUT -p ipv6-icmp -m icmp6 --icmpv6-type 133 -j ACCEPT
                -A OUTPUT -p ipv6-icmp -m icmp6 --icmpv6-type 135 -j ACCEPT
                -A OUTPUT -p ipv6-icmp -m icmp6 --icmpv6-type 136 -j ACCEPT
                -A OUTPUT -p ipv6-icmp -m icmp6 --icmpv6-type 143 -j ACCEPT
                -A OUTPUT -p tcp -d ::1/128 --dport 15006 -j ACCEPT
                -A OUTPUT -m owner --uid-owner 1337 -j ACCEPT
                -A OUTPUT -m conntrack --ctstate ESTABLISHED --ctdir REPLY -j ACCEPT
                -A OUTPUT -p udp -d 2001:db8:0:0:0:0:0:53/128 --dport 53 -j ACCEPT
                -A OUTPUT -p tcp -d 2001:db8:0:0:0:0:0:53/128 --dport 53 -j ACCEPT
                -A OUTPUT -p tcp -j REJECT --reject-with tcp-reset
                -A OUTPUT -j REJECT --reject-with icmp6-adm-prohibited
                COMMIT
                *nat
                :PREROUTING ACCEPT [0:0]
                :INPUT ACCEPT [0:0]
                :OUTPUT ACCEPT [0:0]
                :POSTROUTING ACCEPT [0:0]
                -A OUTPUT -o lo -j RETURN
                -A OUTPUT -m owner --uid-owner 1337 -j RETURN
                -A OUTPUT -p tcp -d 2001:db8:0:0:0:0:0:53/128 --dport 53 -j RETURN
                -A OUTPUT -p tcp -j REDIRECT --to-ports 15006
                COMMIT
                """);
    }

    @Test
    void letNothingOutWithoutAccess() {
        assertThat(PacketRules.nothing().ipv4()).isEqualTo("""
                *filter
                :INPUT ACCEPT [0:0]
                :FORWARD ACCEPT [0:0]
                :OUTPUT ACCEPT [0:0]
                -A OUTPUT -o lo -j ACCEPT
                -A OUTPUT -m conntrack --ctstate ESTABLISHED --ctdir REPLY -j ACCEPT
                -A OUTPUT -p tcp -j REJECT --reject-with tcp-reset
                -A OUTPUT -j REJECT --reject-with icmp-admin-prohibited
                COMMIT
                *nat
                :PREROUTING ACCEPT [0:0]
                :INPUT ACCEPT [0:0]
                :OUTPUT ACCEPT [0:0]
                :POSTROUTING ACCEPT [0:0]
                COMMIT
                """);
    }

    @Test
    void keepUnrestrictedWorkloadsFromLinkLocalAndMetadata() throws Exception {
        PacketRules rules = PacketRules.allButLinkLocal(List.of(InetAddress.getByName("169.254.20.10")));

        assertThat(rules.ipv4().lines().filter(line -> line.contains("OUTPUT -")))
                .containsExactly(
                        "-A OUTPUT -o lo -j ACCEPT",
                        "-A OUTPUT -m conntrack --ctstate ESTABLISHED --ctdir REPLY -j ACCEPT",
                        "-A OUTPUT -p udp -d 169.254.20.10/32 --dport 53 -j ACCEPT",
                        "-A OUTPUT -p tcp -d 169.254.20.10/32 --dport 53 -j ACCEPT",
                        "-A OUTPUT -d 169.254.0.0/16 -p tcp -j REJECT --reject-with tcp-reset",
                        "-A OUTPUT -d 169.254.0.0/16 -j REJECT --reject-with icmp-admin-prohibited",
                        "-A OUTPUT -d 100.100.100.200/32 -p tcp -j REJECT --reject-with tcp-reset",
                        "-A OUTPUT -d 100.100.100.200/32 -j REJECT --reject-with icmp-admin-prohibited",
                        "-A OUTPUT -d 168.63.129.16/32 -p tcp -j REJECT --reject-with tcp-reset",
                        "-A OUTPUT -d 168.63.129.16/32 -j REJECT --reject-with icmp-admin-prohibited");
        assertThat(rules.ipv6()).contains("-d fe80::/10 -j REJECT", "-d fd00:ec2::254/128 -p tcp -j REJECT");
    }

    @Test
    void areTheSameInWhateverOrderResolversAreNamed() throws Exception {
        InetAddress one = InetAddress.getByName("192.0.2.1");
        InetAddress two = InetAddress.getByName("192.0.2.2");

        assertThat(PacketRules.captured(1, 2, List.of(one, two)))
                .isEqualTo(PacketRules.captured(1, 2, List.of(two, one, two)));
    }

    private static List<InetAddress> resolvers() throws Exception {
        return List.of(InetAddress.getByName("203.0.113.53"), InetAddress.getByName("2001:db8::53"));
    }
}
