package dev.sallyport.testing;

import java.util.List;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** What an upstream saw. */
final class UpstreamRecord {
    private final AtomicLong nextId = new AtomicLong(1);
    private final ConcurrentNavigableMap<Long, UpstreamConnection> connections = new ConcurrentSkipListMap<>();
    private final List<UpstreamRequest> requests = new CopyOnWriteArrayList<>();
    private final AtomicLong bytes = new AtomicLong();

    long nextId() {
        return nextId.getAndIncrement();
    }

    /** Adds it, or takes the place of what was known of it before. */
    void put(UpstreamConnection connection) {
        connections.put(connection.id(), connection);
    }

    void add(UpstreamRequest request) {
        requests.add(request);
    }

    void addBytes(int count) {
        bytes.addAndGet(count);
    }

    List<UpstreamConnection> connections() {
        return List.copyOf(connections.values());
    }

    List<UpstreamRequest> requests() {
        return List.copyOf(requests);
    }

    long bytes() {
        return bytes.get();
    }
}
