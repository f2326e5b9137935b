package dev.sallyport.source;

import java.util.Optional;

/**
 * One Pod before and after something happened to it. Not both are empty. A Pod that was replaced by another of its name is two changes.
 *
 * @param before empty: it was not known
 * @param after empty: it is gone, or lost the label
 */
public record PodChange(Optional<LabelledPod> before, Optional<LabelledPod> after) {
    public PodChange {
        if (before.isEmpty() && after.isEmpty()) {
            throw new IllegalArgumentException("a change of a Pod that was not and is not");
        }
    }
}
