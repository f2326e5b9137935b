package dev.sallyport.e2e;

import dev.sallyport.testing.DnsServer;
import dev.sallyport.testing.TestNetwork;
import dev.sallyport.testing.TestPki;
import dev.sallyport.testing.TestPki.ServerCertificate;
import dev.sallyport.testing.Upstream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;

/** What is outside of the sidecar: names, addresses, servers and the authority that their certificates are from. One for all tests of this Java; it ends with it. */
final class Internet {
    /** Of api.example.com. */
    static final String ADDRESS = "203.0.113.10";

    /** The only one that there is. */
    static final String RESOLVER = TestNetwork.DNS;

    /** Nothing listens there. */
    static final int CLOSED_PORT = 7443;

    /** What is in no other place: an address, and the names that resolve to it. A name may stand in several lines. */
    private static final String NAMES = """
            203.0.113.10 api.example.com b.example.com c.example.com slow.example.com quick.example.com
            203.0.113.10 nosecret.example.com half.example.com ws.example.com narrow.wild.example.com bad.wild.example.com
            203.0.113.10 expired.example.com selfsigned.example.com wrongname.example.com badku.example.com
            203.0.113.10 clientonly.example.com unknownca.example.com own.example.com portclosed.example.com
            203.0.113.10 xn--bcher-kva.example abort.example.com short.example.com drain.example.com
            2001:db8:ffff::10 api.example.com
            203.0.113.18 pin.example.com
            2001:db8:ffff::18 pin.example.com
            203.0.113.19 a.wild.example.com a.b.wild.example.com b.wild.example.com
            203.0.113.19 expired.wild.example.com selfsigned.wild.example.com wrongname.wild.example.com
            203.0.113.19 x.example.org bad.example.org x.int.example.org
            2001:db8:ffff::19 six.wild.example.com
            203.0.113.20 cleartext.example.com cleartext.wild.example.com
            127.0.0.1 loopback.example.com loopback.wild.example.com
            10.9.0.1 ten.example.com ten.wild.example.com
            172.16.0.1 oneseventytwo.example.com
            192.168.7.1 home.example.com
            169.254.169.254 metadata.example.com metadata.wild.example.com
            100.64.0.1 shared.example.com
            198.18.0.1 benchmark.example.com
            100.100.100.200 alibaba.example.com
            168.63.129.16 azure.example.com
            192.0.0.9 protocol.example.com
            224.0.0.9 multicast.example.com
            ff02::9 multicast6.example.com
            0.0.0.0 zero.example.com
            ::1 loopback6.example.com loopback6.wild.example.com
            :: zero6.example.com
            ::ffff:10.9.0.1 mapped.example.com
            64:ff9b::a09:1 nat64.example.com
            ::a09:1 compatible.example.com
            64:ff9b:1::a09:1 nat64local.example.com
            2002:a09:1::1 sixtofour.example.com
            2001:0:a09:1::1 teredo.example.com
            fec0::9 sitelocal.example.com
            100::9 discard.example.com
            5f00::9 segment.example.com
            fd00:9::1 uniquelocal.example.com mixed.example.com
            fd00:ec2::254 metadata6.example.com
            fe80::9 linklocal6.example.com
            203.0.113.19 mixed.example.com
            """;

    private static final Internet INSTANCE = start();

    private final TestPki publicCa = new TestPki("Test Public CA");
    private final TestPki ownCa = new TestPki("CA of one company");
    private final TestPki unknownCa = new TestPki("CA that nobody trusts");
    private final DnsServer dns = new DnsServer();
    private final Upstream upstream =
            new Upstream(this::certificate).speakClearTextOn("203.0.113.20").offerHttp1OnlyFor("ws.example.com");

    private Internet() {}

    static Internet get() {
        return INSTANCE;
    }

    /** What stands for the roots that every machine trusts, PEM. */
    String publicRoots() {
        return publicCa.rootPem();
    }

    /** The CA of own.example.com, PEM. */
    String ownCa() {
        return ownCa.rootPem();
    }

    DnsServer dns() {
        return dns;
    }

    Upstream upstream() {
        return upstream;
    }

    private static Internet start() {
        TestNetwork.require();
        Internet internet = new Internet();
        try {
            internet.dns.start();
            internet.upstream.start(443, 8443, 80);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        NAMES.lines().forEach(internet::publish);
        return internet;
    }

    private void publish(String line) {
        String[] words = line.split(" ", -1);
        Arrays.stream(words).skip(1).forEach(name -> dns.add(name, words[0]));
    }

    private ServerCertificate certificate(String name) {
        String[] labels = name.split("\\.", 2);
        return switch (labels[0]) {
            case "expired" -> publicCa.expired(name);
            case "selfsigned" -> TestPki.selfSigned(name);
            case "wrongname" -> publicCa.server("other.example.net");
            case "badku" -> publicCa.withoutDigitalSignature(name);
            case "clientonly" -> publicCa.clientOnly(name);
            case "unknownca" -> unknownCa.server(name);
            case "own" -> ownCa.server(name);
            default -> publicCa.server(name.isEmpty() ? "no.name.example.com" : name);
        };
    }
}
