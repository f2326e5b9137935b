package dev.sallyport.xds;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Who gets room for a large response. Time is turned by hand. */
class LargeResponsesTest {
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
    private final List<String> events = new ArrayList<>();
    private long nanos = 1_000;
    private final LargeResponses room =
            new LargeResponses(new LargeResponseLimits(10, Duration.ofHours(1)), timer, () -> nanos);

    @AfterEach
    void stopTimer() {
        timer.shutdownNow();
    }

    private LargeResponses.Place place(String name) {
        return room.place(() -> events.add("wake " + name), () -> events.add("drop " + name));
    }

    @Test
    @DisplayName("FAULT-06: what does not fit waits, and is woken when there is room, who waited longest first")
    void wakesInTurn() {
        LargeResponses.Place a = place("a");
        LargeResponses.Place b = place("b");
        LargeResponses.Place c = place("c");
        assertThat(a.take(10)).isTrue();
        assertThat(b.take(6)).isFalse();
        assertThat(c.take(6)).isFalse();
        assertThat(room.bytes()).isEqualTo(10);

        a.giveBack();
        assertThat(events).startsWith("wake b");
        assertThat(b.take(6)).isTrue();
        assertThat(c.take(6)).isFalse();
        b.giveBack();
        b.giveBack();

        assertThat(c.take(6)).isTrue();
        assertThat(room.bytes()).isEqualTo(6);
    }

    @Test
    @DisplayName("one that is larger than all the room goes alone")
    void letsTheLargestGoAlone() {
        LargeResponses.Place a = place("a");
        LargeResponses.Place b = place("b");
        assertThat(a.take(1)).isTrue();
        assertThat(b.take(100)).isFalse();
        a.giveBack();

        assertThat(b.take(100)).isTrue();
        assertThat(a.take(1)).isFalse();
    }

    @Test
    @DisplayName("a stream that takes the next one has only that")
    void countsOneForAStream() {
        LargeResponses.Place a = place("a");
        assertThat(a.take(9)).isTrue();
        assertThat(a.take(4)).isTrue();
        assertThat(room.bytes()).isEqualTo(4);
    }

    @Test
    @DisplayName("FAULT-06: who takes longer than the deadline is dropped if others wait, and only then")
    void dropsWhoKeepsOthersWaiting() {
        LargeResponses.Place slow = place("slow");
        LargeResponses.Place waits = place("waits");
        assertThat(slow.take(10)).isTrue();
        nanos += Duration.ofHours(2).toNanos();
        room.onTime();
        assertThat(events).isEmpty();

        assertThat(waits.take(1)).isFalse();
        room.onTime();
        assertThat(events).containsExactly("drop slow");
        slow.giveBack();
        assertThat(events).containsExactly("drop slow", "wake waits");
        assertThat(waits.take(1)).isTrue();
    }

    @Test
    @DisplayName("one that does not want its turn any more keeps nobody waiting")
    void passesOver() {
        LargeResponses.Place a = place("a");
        LargeResponses.Place gone = place("gone");
        LargeResponses.Place b = place("b");
        assertThat(a.take(10)).isTrue();
        assertThat(gone.take(10)).isFalse();
        assertThat(b.take(10)).isFalse();
        gone.giveBack();
        a.giveBack();

        assertThat(events).containsExactly("wake b");
    }
}
