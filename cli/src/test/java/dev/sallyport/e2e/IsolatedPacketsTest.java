package dev.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every way out that is not the sidecar's, IPv4 and IPv6, on a machine that would forward both: nothing of it may be on the wire. */
@EndToEnd
@Tag(EndToEnd.ONE_ENVOY)
class IsolatedPacketsTest {
    /** Addresses that the machine has, or knows the way to. */
    private static final List<String> TARGETS = List.of("203.0.113.7", "2001:db8:ffff::7", FarHost.IPV4, FarHost.IPV6);

    private static final String TRY = "try";

    /** What each target gets without packet rules from a program without rights; TCP, UDP, DNS and QUIC. */
    private static final List<String> ORDINARY = List.of(
            "6 %s:22",
            "6 %s:853",
            "6 %s:8080",
            "6 %s:53",
            "17 %s:53 data.attacker.example",
            "17 %s:443",
            "17 %s:4444",
            "17 %s:4445",
            "later-fragment %s");

    /** And from one that may open raw sockets besides, by protocol: ICMP and ICMPv6, SCTP, GRE, TCP out of nothing. */
    private static final List<String> RAW4 = List.of("1 %s", "132 %s", "47 %s", "6 %s:4446");

    private static final List<String> RAW6 = List.of("58 %s", "132 %s", "47 %s", "6 %s:4446");

    private static FarHost far;
    private static IsolatedShell shell;
    private static Wire wire;

    @BeforeAll
    static void start() throws IOException {
        far = FarHost.start();
        shell = IsolatedShell.start();
        wire = Wire.of(shell);
    }

    @AfterAll
    static void end() throws IOException {
        wire.close();
        shell.close();
        far.close();
    }

    @Test
    @DisplayName(
            "CAP-03, CAP-04, CAP-05 nothing that the command sends to others is on the wire, whatever the protocol")
    void nothingLeaves() {
        assertThat(wire.during(() -> shell.attack(attacks()), TARGETS)).isEmpty();
    }

    @Test
    @DisplayName(
            "CAP-03, CAP-04, CAP-05 nor does anything leave for root with every capability: the packet rules hold alone")
    void nothingLeavesForRoot() {
        assertThat(wire.during(() -> shell.asRoot(attacks()), TARGETS)).isEmpty();
    }

    @Test
    @DisplayName("CAP-17 without the packet rules everything that needs no right leaves")
    void withoutRulesTheCommandReachesEverything() {
        shell.withoutRules(() -> assertThat(wire.during(() -> shell.attack(attacks()), TARGETS))
                .containsAll(expected(ORDINARY, ORDINARY)));
    }

    @Test
    @DisplayName("CAP-17 without the packet rules and with every capability all of it leaves")
    void withoutRulesRootReachesEverything() {
        shell.withoutRules(() -> assertThat(wire.during(() -> shell.asRoot(attacks()), TARGETS))
                .containsAll(expected(ORDINARY, ORDINARY))
                .containsAll(expected(RAW4, RAW6)));
    }

    private static String[] attacks() {
        return Stream.concat(Stream.of(TRY), TARGETS.stream()).toArray(String[]::new);
    }

    private static List<String> expected(List<String> ipv4, List<String> ipv6) {
        return TARGETS.stream()
                .flatMap(
                        target -> (target.contains(":") ? ipv6 : ipv4).stream().map(packet -> packet.formatted(target)))
                .toList();
    }
}
