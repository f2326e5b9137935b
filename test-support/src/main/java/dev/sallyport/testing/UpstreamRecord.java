package dev.sallyport.testing;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** What an upstream saw. */
final class UpstreamRecord {
    private final AtomicLong nextId = new AtomicLong(1);
    private final List<UpstreamConnection> connections = new CopyOnWriteArrayList<>();
    private final List<UpstreamRequest> requests = new CopyOnWriteArrayList<>();
    private final AtomicLong bytes = new AtomicLong();

    long nextId() {
        return nextId.getAndIncrement();
    }

    void add(UpstreamConnection connection) {
        connections.add(connection);
    }

    void add(UpstreamRequest request) {
        requests.add(request);
    }

    void addBytes(int count) {
        bytes.addAndGet(count);
    }

    List<UpstreamConnection> connections() {
        return List.copyOf(connections);
    }

    List<UpstreamRequest> requests() {
        return List.copyOf(requests);
    }

    long bytes() {
        return bytes.get();
    }
}
