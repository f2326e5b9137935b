package dev.sallyport.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class EventuallyTest {
    @Test
    void asksAgainUntilItHolds() {
        AtomicInteger asked = new AtomicInteger();
        Eventually.eventually(() -> assertThat(asked.incrementAndGet()).isEqualTo(3));
        assertThat(asked).hasValue(3);
    }

    @Test
    void throwsTheLastFailureInTheEnd() {
        assertThatThrownBy(() -> Eventually.within(
                        Duration.ofMillis(20), () -> assertThat(1).isEqualTo(2)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("expected: 2");
    }

    @Test
    void doesNotWaitOutAnError() {
        assertThatThrownBy(() -> Eventually.eventually(() -> {
                    throw new IOException("broken");
                }))
                .isInstanceOf(AssertionError.class)
                .hasRootCauseMessage("broken");
    }
}
