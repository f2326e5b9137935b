package dev.sallyport.snapshot;

import dev.sallyport.policy.PolicyId;

/** The sentence that tells a person in front of a refused request what to do. */
public final class DenyHints {
    /** For a policy that is in force. */
    public static String notCovered(PolicyId id) {
        return "No entry of EgressPolicy " + id + " covers this host; add it to spec.hosts to allow it.";
    }

    private DenyHints() {}
}
