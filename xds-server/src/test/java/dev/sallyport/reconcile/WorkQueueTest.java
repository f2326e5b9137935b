package dev.sallyport.reconcile;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WorkQueueTest {
    private final List<String> seen = new CopyOnWriteArrayList<>();
    private final Map<String, Duration> again = new ConcurrentHashMap<>();
    private final Semaphore go = new Semaphore(0);
    private final WorkQueue<String> queue = new WorkQueue<>("test", 4, this::lookAt);

    private Optional<Duration> lookAt(String key) {
        seen.add(key);
        go.acquireUninterruptibly();
        return Optional.ofNullable(again.get(key));
    }

    @AfterEach
    void end() {
        go.release(1_000);
        queue.close();
    }

    @Test
    void whatIsAddedOftenIsLookedAtOnceAndAgainOnlyWhenItWasAddedMeanwhile() {
        queue.addAll(List.of("a", "a", "b"));
        queue.add("a");
        assertThat(queue.size()).isEqualTo(2);
        queue.start();
        eventually(() -> assertThat(seen).containsExactlyInAnyOrder("a", "b"));
        queue.add("a");
        queue.add("a");
        assertThat(queue.size()).isEqualTo(1);
        go.release(100);
        eventually(() -> assertThat(seen).containsExactlyInAnyOrder("a", "b", "a"));
        assertThat(queue.size()).isZero();
    }

    @Test
    void oneKeyIsNeverLookedAtByTwo() {
        AtomicInteger inside = new AtomicInteger();
        AtomicBoolean twice = new AtomicBoolean();
        AtomicInteger looks = new AtomicInteger();
        try (WorkQueue<String> shared = new WorkQueue<>("shared", 4, key -> {
            twice.compareAndSet(false, inside.incrementAndGet() > 1);
            looks.incrementAndGet();
            inside.decrementAndGet();
            return Optional.empty();
        })) {
            shared.start();
            eventually(() -> {
                shared.add("a");
                assertThat(looks.get()).isGreaterThan(500);
            });
        }
        assertThat(twice).isFalse();
    }

    @Test
    void looksAgainAfterTheTimeThatWasAskedFor() {
        go.release(100);
        again.put("a", Duration.ofMillis(20));
        queue.start();
        queue.add("a");
        eventually(() -> assertThat(seen).hasSizeGreaterThan(3).containsOnly("a"));
    }

    @Test
    void aFaultEndsNothing() {
        CountDownLatch worked = new CountDownLatch(1);
        try (WorkQueue<String> failing = new WorkQueue<>("failing", 1, key -> {
            if (key.equals("bad")) {
                throw new IllegalStateException("a fault of the work");
            }
            worked.countDown();
            return Optional.empty();
        })) {
            failing.start();
            failing.add("bad");
            failing.add("good");
            eventually(() -> assertThat(worked.getCount()).isZero());
        }
    }

    @Test
    void theEndWaitsForWhatIsUnderWayAndTakesNothingMore() {
        queue.start();
        queue.add("a");
        eventually(() -> assertThat(seen).containsExactly("a"));
        queue.add("a");
        Thread releasing = new Thread(() -> {
            eventually(() -> assertThat(queue.size()).isZero());
            go.release(100);
        });
        releasing.start();
        queue.close();
        assertThat(seen).containsExactly("a");
        assertThat(go.availablePermits()).isEqualTo(99);
    }
}
