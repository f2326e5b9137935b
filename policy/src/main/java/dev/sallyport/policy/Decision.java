package dev.sallyport.policy;

import java.util.Optional;

/**
 * What a policy says about one host and port.
 *
 * @param reason empty: allowed
 * @param entry the entry that decided; empty when none covers the host
 */
public record Decision(Optional<Reason> reason, Optional<HostEntry> entry) {
    public boolean allowed() {
        return reason.isEmpty();
    }
}
