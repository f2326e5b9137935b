package dev.sallyport.xds;

import static dev.sallyport.snapshot.ResourceType.CLUSTER;
import static dev.sallyport.snapshot.ResourceType.LISTENER;
import static dev.sallyport.snapshot.ResourceType.ROUTE;
import static dev.sallyport.snapshot.ResourceType.SECRET;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What it costs to serve a workload of a thousand hosts, in resources that are looked at. */
class AcknowledgementCostTest {
    private static final int HOSTS = 1_000;

    /** A leaf and a credential for each host, and what every workload has. */
    private static final int SECRETS = 2 * HOSTS;

    private static TestSnapshot thousandHosts(String revision) {
        TestSnapshot snapshot = TestSnapshot.oneHost(revision);
        for (int i = 0; i < HOSTS - 1; i++) {
            snapshot.secret("leaf/" + i, "1").secret("credential/" + i, "1");
        }
        return snapshot;
    }

    private static String[] names(TestSnapshot snapshot) {
        return snapshot.secretNames().toArray(String[]::new);
    }

    @Test
    @DisplayName("an acknowledgement that completes a revision looks at what it acknowledges, not at a thousand hosts")
    void acknowledgesCheaply() {
        FakeSidecar sidecar = FakeSidecar.holding(thousandHosts("r1"));
        CountingSnapshot changed = new CountingSnapshot(
                thousandHosts("r2").secret("credential/7", "2").secret("credential/8", "2"));
        sidecar.state.target(changed);
        assertThat(sidecar.receives()).containsExactly("SECRET credential/7@2", "SECRET credential/8@2");
        assertThat(changed.looks()).as("a new snapshot is looked through, once").isGreaterThan(SECRETS);

        sidecar.acks(SECRET);
        assertThat(sidecar.receives()).isEmpty();
        assertThat(sidecar.state.isComplete()).isFalse();
        int first = changed.looks();
        sidecar.acks(SECRET);
        assertThat(sidecar.receives()).isEmpty();
        assertThat(sidecar.state.isComplete()).isTrue();

        assertThat(first).isLessThan(50);
        assertThat(changed.looks()).isLessThan(50);
    }

    @Test
    @DisplayName("a sidecar that starts on a thousand hosts costs so much for each of them, however many there are")
    void startsCheaply() {
        CountingSnapshot few = new CountingSnapshot(TestSnapshot.oneHost("r1"));
        start(few, names(TestSnapshot.oneHost("r1")));
        CountingSnapshot many = new CountingSnapshot(thousandHosts("r1"));
        start(many, names(thousandHosts("r1")));

        assertThat(many.looks() / SECRETS).isLessThanOrEqualTo(few.looks() / 2);
    }

    private static void start(CountingSnapshot snapshot, String... secrets) {
        FakeSidecar sidecar = new FakeSidecar(snapshot);
        sidecar.asks(CLUSTER);
        sidecar.takesEverything();
        sidecar.asks(LISTENER);
        sidecar.takesEverything();
        sidecar.asks(ROUTE, "proxy", "tls/443");
        sidecar.asks(SECRET, secrets);
        sidecar.takesEverything();
        assertThat(sidecar.state.isComplete()).isTrue();
    }

    @Test
    @DisplayName("a rejection, a name taken back and one asked for again are looked at too")
    void noticesEveryChange() {
        FakeSidecar sidecar = FakeSidecar.holding(thousandHosts("r1"));
        sidecar.state.target(thousandHosts("r2").secret("credential/7", "2").secret("credential/8", "2"));
        assertThat(sidecar.receives()).hasSize(2);

        sidecar.nacks(SECRET, "bad");
        sidecar.takesBack(SECRET, "credential/8");
        assertThat(sidecar.receives()).isEmpty();
        sidecar.asks(SECRET, "credential/8");
        sidecar.asks(SECRET, IntStream.range(0, 3).mapToObj(i -> "leaf/" + i).toArray(String[]::new));

        assertThat(sidecar.takesEverything())
                .containsExactly("SECRET credential/8@2", "SECRET leaf/0@1", "SECRET leaf/1@1", "SECRET leaf/2@1");
        assertThat(sidecar.state.isComplete()).isTrue();
    }
}
