package dev.sallyport.xds;

/** How fast the requests of one stream are read. What comes faster waits in the sidecar's own buffers. Not thread-safe. */
final class RequestPace {
    private final TokenBucket requests;
    private boolean waiting;

    RequestPace(StreamLimits limits, long now) {
        this.requests = new TokenBucket(limits.requestsPerSecond(), limits.requestBurst(), now);
    }

    /** Whether the next request may be read now; if not, {@link #isOver} tells when. */
    boolean mayReadOn(long now) {
        waiting = !requests.tryTake(now);
        return !waiting;
    }

    /** Whether the next request had to wait, and need not any more. True once. */
    boolean isOver(long now) {
        return waiting && mayReadOn(now);
    }

    /** How long until the next request may be read; {@link Long#MAX_VALUE}: it does not wait. */
    long nanosToNext(long now) {
        return waiting ? requests.nanosToNext(now) : Long.MAX_VALUE;
    }
}
