package dev.sallyport.e2e;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testing.LongRun;
import java.io.IOException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A policy that is edited again and again under traffic. */
@EndToEnd
class ManyEditsTest {
    private static final int EDITS = LongRun.of("policy edits in a row", 20, 1_000);
    private static final int HOSTS = 10;

    /** What the chains of hosts that were just taken away hold until they have drained: 15 s of edits. */
    private static final long DRAINING = 40_000_000;

    private final Machine machine = Machine.with(Machine.P);

    @AfterEach
    void stop() throws IOException {
        machine.close();
    }

    private static String host(int edit) {
        return "edit" + edit % HOSTS + ".example.com";
    }

    /** Another host takes the place of the one before. */
    private void edit(App app, int edit) {
        machine.policies(Machine.P + "  - host: " + host(edit) + "\n");
        eventually(() -> assertThat(app.connect(host(edit) + ":443").status()).isEqualTo(200));
    }

    @Test
    @DisplayName(
            "FAULT-01 many edits in a row under traffic: the last one is in force, other hosts had no error, the sidecar's memory does not grow with them")
    void survivesManyEdits() {
        IntStream.range(0, HOSTS).forEach(i -> Internet.get().dns().put(host(i), "203.0.113.10"));
        TestSidecar sidecar = machine.sidecar();
        App app = machine.app(sidecar);
        try (Load load = Load.start(4, app, "api.example.com")) {
            IntStream.range(0, EDITS / 4).forEach(i -> edit(app, i));
            long early = sidecar.anonymousMemory();
            IntStream.range(EDITS / 4, EDITS).forEach(i -> edit(app, i));

            int last = EDITS - 1;
            assertThat(app.get(host(last), "/e").status()).isEqualTo(200);
            eventually(() -> assertThat(IntStream.range(0, HOSTS)
                            .filter(i -> app.connect(host(i) + ":443").status() == 200)
                            .mapToObj(ManyEditsTest::host))
                    .containsExactly(host(last)));
            machine.awaitCurrent();
            assertThat(machine.controlPlane().sidecars())
                    .allSatisfy(status -> assertThat(status.rejected()).isEmpty());
            assertThat(load.failures()).isEmpty();
            assertThat(load.connections()).isEqualTo(4);
            long late = sidecar.anonymousMemory();
            System.out.printf("%d edits: %d KB after a quarter, %d KB at the end%n", EDITS, early / 1024, late / 1024);
            assertThat(late).isLessThan(early + DRAINING);
        }
        assertThat(sidecar.errors()).isEmpty();
    }
}
