package dev.sallyport.inject;

import dev.sallyport.policy.Access;
import dev.sallyport.policy.Capture;
import dev.sallyport.policy.EgressPolicy;

/** What a policy asks for in its Pods. */
final class Capturing {
    static boolean hasSidecar(EgressPolicy policy) {
        return policy.access() == Access.Restricted;
    }

    static boolean hasPacketRules(EgressPolicy policy) {
        return policy.capture() == Capture.Redirect;
    }

    /** Whether packet rules tell the sidecar from everybody else by its user id. */
    static boolean tellsByUid(EgressPolicy policy) {
        return hasSidecar(policy) && hasPacketRules(policy);
    }

    private Capturing() {}
}
