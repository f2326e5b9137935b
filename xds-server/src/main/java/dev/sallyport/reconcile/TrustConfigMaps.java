package dev.sallyport.reconcile;

import dev.sallyport.policy.PolicyId;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** The trust ConfigMaps of all workloads, each made once for each period of the certificates: that costs milliseconds. What is kept of each is small. Thread-safe. */
final class TrustConfigMaps {
    private final TrustSource source;
    private final ConcurrentMap<PolicyId, Made> made = new ConcurrentHashMap<>();
    private volatile TrustSource.Period period;

    private record Made(TrustSource.Period period, String policyUid, boolean publicRoots, DesiredObject object) {
        boolean isOf(TrustSource.Period now, String uid, boolean withPublicRoots) {
            return period.equals(now) && policyUid.equals(uid) && publicRoots == withPublicRoots;
        }
    }

    TrustConfigMaps(TrustSource source) {
        this.source = source;
        this.period = source.period();
    }

    /** Looks at the clock. True: every ConfigMap is to be another now. */
    boolean hasChanged() {
        TrustSource.Period now = source.period();
        if (now.equals(period)) {
            return false;
        }
        period = now;
        return true;
    }

    /** That of one workload, in the period in which {@link #hasChanged} was asked last. */
    DesiredObject of(PolicyId workload, String policyUid, boolean publicRoots) {
        TrustSource.Period now = period;
        Made known = made.get(workload);
        if (known != null && known.isOf(now, policyUid, publicRoots)) {
            return known.object();
        }
        DesiredObject object = DesiredObject.of(
                () -> TrustConfigMap.of(workload, policyUid, source.bundle(workload, publicRoots), now.systemCaPem()));
        made.put(workload, new Made(now, policyUid, publicRoots, object));
        return object;
    }

    void forget(PolicyId workload) {
        made.remove(workload);
    }
}
