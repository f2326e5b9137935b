package dev.sallyport.e2e;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The isolated network itself: what listens there, who may talk to whom inside, and who reaches it from the machine. */
@EndToEnd
@Tag(EndToEnd.ONE_ENVOY)
class IsolatedLoopbackTest {
    private static final String ANSWER = "curl -s -g -m 3 --noproxy '*' -o /dev/null -w '%{http_code} ' ";
    private static final String OWN_LOOPBACK = ANSWER + "http://127.0.0.1:8080/; " + ANSWER + "http://[::1]:8080/";
    private static final String CERTIFICATE =
            "openssl s_client -servername xds -connect %s < /dev/null 2> /dev/null | grep -c 'BEGIN CERT'";

    private static FarHost far;
    private static IsolatedShell shell;

    @BeforeAll
    static void aCommandThatListens() throws IOException {
        far = FarHost.start();
        shell = IsolatedShell.start();
        assertThat(shell.run("ss -Hltn | awk '{print $4}' | sed 's/.*://' | sort -un | tr '\\n' ' '; ss -Hlun"))
                .as("CAP-11 what listens before the command does: proxy, capture and readiness, no admin port")
                .isEqualToIgnoringNewLines("15001 15006 15021 ");
        shell.run("setsid python3 -m http.server 8080 --bind :: > /dev/null 2>&1 &");
        eventually(() -> assertThat(shell.run(OWN_LOOPBACK)).startsWith("200 200 "));
    }

    @AfterAll
    static void end() throws IOException {
        shell.close();
        far.close();
    }

    @Test
    @DisplayName("CAP-11 proxy, capture and readiness listen, nothing else, and the first two on loopback alone")
    void nothingListensForOthersButReadiness() {
        assertThat(shell.run("ss -Hltn | awk '{print $4}' | grep -v ':8080$' | sort | tr '\\n' ' '"))
                .isEqualToIgnoringNewLines(inside("-4") + ":15021 127.0.0.1:15001 127.0.0.1:15006 [::1]:15006 ");
    }

    @Test
    @DisplayName("CAP-06 the command's own loopback, IPv4 and IPv6, is not captured")
    void loopbackIsTheCommandsOwn() {
        int before = shell.log().size();
        assertThat(shell.run(OWN_LOOPBACK)).startsWith("200 200 ");
        assertThat(shell.log()).hasSize(before);
    }

    @Test
    @DisplayName("CAP-17 without its rule loopback is captured")
    void withoutItsRuleLoopbackIsCaptured() {
        shell.changingRules(
                Stream.of("iptables", "ip6tables")
                        .map(tool -> tool + " -t nat -D OUTPUT -o lo -j RETURN")
                        .toList(),
                () -> assertThat(shell.run(OWN_LOOPBACK)).doesNotContain("200"));
    }

    @Test
    @DisplayName(
            "CAP-07 the control plane does not answer the command: the connection ends in the sidecar; without the packet rules it answers")
    void theControlPlaneIsOutOfReach() {
        String address = shell.run("ip route show default | awk '{print $3}'").strip();
        String controlPlane = address + ":"
                + Shell.here("bash", "-c", "ss -Hltn | awk '{print $4}' | grep -F " + address + " | sed 's/.*://'")
                        .strip();
        String dial = CERTIFICATE.formatted(controlPlane);
        assertThat(shell.run(dial).strip()).isEqualTo("0");
        eventually(() -> assertThat(shell.log())
                .anyMatch(line -> line.toString().contains(controlPlane) && "no_matching_chain".equals(line.reason())));
        shell.withoutRules(() -> assertThat(shell.run(dial).strip()).isEqualTo("1"));
    }

    @Test
    @DisplayName("CAP-08 the machine connects to a port that the command listens on, by IPv4 and IPv6, and is answered")
    void clientsFromTheMachineAreAnswered() {
        assertThat(fromTheMachine()).isEqualTo(List.of("200 ", "200 "));
    }

    @Test
    @DisplayName("CAP-17 without the rule for answers nobody is answered")
    void withoutTheRuleForAnswersNobodyIsAnswered() {
        shell.changingRules(
                Stream.of("iptables", "ip6tables")
                        .map(tool -> tool + " -D OUTPUT -m conntrack --ctstate ESTABLISHED --ctdir REPLY -j ACCEPT")
                        .toList(),
                () -> assertThat(fromTheMachine()).isEqualTo(List.of("000 ", "000 ")));
    }

    private static List<String> fromTheMachine() {
        return Stream.of(inside("-4"), "[" + inside("-6") + "]")
                .map(address -> Shell.attempt(List.of("bash", "-c", ANSWER + "http://" + address + ":8080/"), "")
                        .text())
                .toList();
    }

    private static String inside(String family) {
        return shell.run("ip " + family + " -o address show dev eth0 scope global | awk '{print $4}' | cut -d/ -f1")
                .strip();
    }
}
