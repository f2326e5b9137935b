package dev.sallyport.testing;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;

/**
 * The network of a test's own Java: test-support/netns/bin/java starts it in a network namespace that has a loopback device and nothing else. On that device are addresses that Envoy's guard takes for
 * public ones (all of 203.0.113.0/24 and 198.51.100.0/24, 2001:db8:ffff::1 to ::60 written in decimal) and some of every non-public kind.
 */
public final class TestNetwork {
    /** Where the resolver of this network is expected, port 53: what /etc/resolv.conf says in here. */
    public static final String DNS = "203.0.113.53";

    /** Throws unless this Java runs in that namespace: nothing that a test does may reach a real network. */
    public static void require() {
        try {
            NetworkInterface loopback = NetworkInterface.getByInetAddress(InetAddress.getByName("203.0.113.1"));
            if (loopback == null || !loopback.isLoopback()) {
                throw new IllegalStateException(
                        "this test must run in a network namespace of its own: have surefire start"
                                + " test-support/netns/bin/java (in an IDE: choose that as the Java of the test)");
            }
        } catch (SocketException | UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private TestNetwork() {}
}
