package dev.sallyport.xds;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/** Requests one after the other on a thread of its own, and what came of them. */
final class Load implements AutoCloseable {
    private final List<String> outcomes = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private volatile boolean stopped;

    Load(Supplier<String> request) {
        thread = new Thread(() -> {
            while (!stopped) {
                outcomes.add(request.get());
            }
        });
        thread.start();
    }

    /** Waits until that many more requests are done. */
    void more(int requests) {
        int goal = outcomes.size() + requests;
        eventually(() -> assertThat(outcomes.size()).isGreaterThanOrEqualTo(goal));
    }

    /** The outcomes in order, repetitions left out. */
    List<String> changes() {
        List<String> changes = new ArrayList<>();
        for (String outcome : outcomes) {
            if (changes.isEmpty() || !changes.get(changes.size() - 1).equals(outcome)) {
                changes.add(outcome);
            }
        }
        return changes;
    }

    @Override
    public void close() {
        stopped = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
