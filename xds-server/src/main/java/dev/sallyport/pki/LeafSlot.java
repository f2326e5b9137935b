package dev.sallyport.pki;

import java.time.Instant;

/**
 * The part of time in which one leaf is the right one: two thirds of a leaf's life. It follows from the time alone, so that replicas and restarts agree on it without issuing anything, and a clock that was wrong and is right
 * again is back in the slot that it was in.
 *
 * @param version of the leaf resource; another slot, issuer, host or life has another
 * @param start when this slot began: with a clock that went back before it, the slot is another one
 * @param renewAt when it ends, and the leaf is due for renewal
 */
public record LeafSlot(String version, Instant start, Instant renewAt) {
    /** Whether this is still the right slot. */
    public boolean contains(Instant time) {
        return !time.isBefore(start) && time.isBefore(renewAt);
    }
}
