package dev.sallyport.xds;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Room for responses that are larger than a stream may have waiting: gRPC copies a response for each stream, and one listener of a thousand hosts is a megabyte that cannot be sent in parts. All streams share the room; who finds
 * none waits for its turn, and who takes longer than the deadline over a response while others wait is let go. Thread-safe.
 */
final class LargeResponses {
    private final long mostBytes;
    private final long deadlineNanos;
    private final ScheduledExecutorService timer;
    private final LongSupplier nanos;
    private final Set<Place> taken = new LinkedHashSet<>();
    private final Set<Place> waiting = new LinkedHashSet<>();
    private long bytes;
    private boolean armed;

    LargeResponses(LargeResponseLimits limits, ScheduledExecutorService timer, LongSupplier nanos) {
        this.mostBytes = limits.mostBytes();
        this.deadlineNanos = limits.deadline().toNanos();
        this.timer = timer;
        this.nanos = nanos;
    }

    /** One stream's; used by that stream only. */
    final class Place {
        private final Runnable wake;
        private final Runnable drop;
        private long size;
        private long since;

        /** Whether it has room or waits for it: most streams never do, and then touch nothing that is shared. */
        private boolean involved;

        private Place(Runnable wake, Runnable drop) {
            this.wake = wake;
            this.drop = drop;
        }

        /** Takes room for a response, in the place of the one before; false: wait until woken, and ask again. */
        boolean take(long wanted) {
            involved = true;
            return LargeResponses.this.take(this, wanted);
        }

        /** The response is written, or the stream is at its end; it does not wait for room either. */
        void giveBack() {
            if (involved) {
                involved = false;
                LargeResponses.this.giveBack(this);
            }
        }
    }

    /**
     * A place for a stream; costs nothing until something is taken.
     *
     * @param wake tells it that there may be room; must return at once
     * @param drop ends it because it kept others waiting; must return at once
     */
    Place place(Runnable wake, Runnable drop) {
        return new Place(wake, drop);
    }

    /** What is taken now, in bytes. */
    synchronized long bytes() {
        return bytes;
    }

    private synchronized boolean take(Place place, long wanted) {
        if (taken.remove(place)) {
            bytes -= place.size;
        }
        place.size = wanted;
        if (!taken.isEmpty() && bytes + wanted > mostBytes) {
            // One that is larger than all the room goes alone.
            waiting.add(place);
            arm();
            return false;
        }
        waiting.remove(place);
        bytes += wanted;
        place.since = nanos.getAsLong();
        taken.add(place);
        return true;
    }

    private void giveBack(Place place) {
        List<Runnable> next;
        synchronized (this) {
            if (taken.remove(place)) {
                bytes -= place.size;
            }
            waiting.remove(place);
            next = whoFits();
        }
        next.forEach(Runnable::run);
    }

    /** Those that have waited longest, as many as there is room for. They wait on until they have asked again. */
    private List<Runnable> whoFits() {
        List<Runnable> wakes = new ArrayList<>();
        long free = mostBytes - bytes;
        for (Iterator<Place> places = waiting.iterator(); places.hasNext() && free > 0; ) {
            Place place = places.next();
            free -= place.size;
            wakes.add(place.wake);
        }
        return wakes;
    }

    private void arm() {
        if (!armed) {
            try {
                Future<?> unused = timer.schedule(this::onTime, deadlineNanos, TimeUnit.NANOSECONDS);
                armed = true;
            } catch (RejectedExecutionException atShutdown) {
                armed = false;
            }
        }
    }

    /** Looks who keeps others waiting. */
    void onTime() {
        List<Runnable> next = new ArrayList<>();
        synchronized (this) {
            armed = false;
            if (waiting.isEmpty()) {
                return;
            }
            long now = nanos.getAsLong();
            taken.stream().filter(place -> now - place.since >= deadlineNanos).forEach(place -> next.add(place.drop));
            next.addAll(whoFits());
            arm();
        }
        next.forEach(Runnable::run);
    }
}
