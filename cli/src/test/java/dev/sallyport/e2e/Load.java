package dev.sallyport.e2e;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testing.HttpReply;
import dev.sallyport.testing.RawConnection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Apps that send one request after the other, each on a connection that it keeps, and note everything that is not a 200. */
final class Load implements AutoCloseable {
    /** With four apps: about a hundred requests a second. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(40);

    private final List<Thread> threads = new ArrayList<>();
    private final List<String> failures = new CopyOnWriteArrayList<>();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger connections = new AtomicInteger();
    private volatile boolean over;

    private Load() {}

    /** That many apps that ask that host. */
    static Load start(int apps, App app, String host) {
        Load load = new Load();
        for (int i = 0; i < apps; i++) {
            Thread thread = new Thread(() -> load.run(app, host), "load-" + i);
            thread.start();
            load.threads.add(thread);
        }
        return load;
    }

    /** Waits until that many more requests were answered. */
    void awaitMore(int requests) {
        int wanted = answered.get() + requests;
        eventually(() -> assertThat(answered.get() + failures.size() * 1_000).isGreaterThanOrEqualTo(wanted));
    }

    /** Everything but 200. */
    List<String> failures() {
        return List.copyOf(failures);
    }

    /** How many connections were opened. */
    int connections() {
        return connections.get();
    }

    int answered() {
        return answered.get();
    }

    @Override
    public void close() {
        over = true;
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(App app, String host) {
        while (!over) {
            try (RawConnection connection = app.tls(host)) {
                connections.incrementAndGet();
                keepAsking(connection, host);
            } catch (IOException e) {
                if (!over) {
                    failures.add(e.toString());
                }
            }
        }
    }

    private void keepAsking(RawConnection connection, String host) throws IOException {
        while (!over) {
            HttpReply reply =
                    connection.request("GET /e HTTP/1.1", "Host: " + host).reply();
            if (reply.status() != 200) {
                failures.add(reply.toString());
                return;
            }
            answered.incrementAndGet();
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
