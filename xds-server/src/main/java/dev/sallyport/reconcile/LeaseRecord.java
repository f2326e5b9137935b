package dev.sallyport.reconcile;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;

/** The Lease of the writer in the API server. What is written carries the version that was read, so that of two writers one fails. */
final class LeaseRecord {
    static final String NAME = "sallyport-writer";

    private final KubernetesClient client;
    private final String namespace;
    private final String identity;
    private final int seconds;

    LeaseRecord(KubernetesClient client, String namespace, String identity, Duration lease) {
        this.client = client;
        this.namespace = namespace;
        this.identity = identity;
        this.seconds = (int) Math.max(1, lease.toSeconds());
    }

    /** The Lease as it was read. */
    record Live(Lease lease) {
        boolean isHeldBy(String holder) {
            return holder.equals(lease.getSpec().getHolderIdentity());
        }

        boolean isReleased() {
            String holder = lease.getSpec().getHolderIdentity();
            return holder == null || holder.isEmpty();
        }

        String version() {
            return lease.getMetadata().getUid() + "/" + lease.getMetadata().getResourceVersion();
        }

        Duration lasts(Duration otherwise) {
            Integer stated = lease.getSpec().getLeaseDurationSeconds();
            return stated == null ? otherwise : Duration.ofSeconds(stated);
        }

        private int transitions() {
            Integer stated = lease.getSpec().getLeaseTransitions();
            return stated == null ? 0 : stated;
        }
    }

    Optional<Live> read() {
        Lease lease = resource().get();
        if (lease != null && lease.getSpec() == null) {
            lease.setSpec(new LeaseSpec());
        }
        return Optional.ofNullable(lease).map(Live::new);
    }

    /** Whether it is ours now. */
    boolean create() {
        return won(() -> client.leases()
                .inNamespace(namespace)
                .resource(new LeaseBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(NAME)
                        .withLabels(Map.of(ObjectNames.MANAGED_BY_LABEL, ObjectNames.SALLYPORT))
                        .endMetadata()
                        .withNewSpec()
                        .withHolderIdentity(identity)
                        .withLeaseDurationSeconds(seconds)
                        .withAcquireTime(now())
                        .withRenewTime(now())
                        .withLeaseTransitions(0)
                        .endSpec()
                        .build())
                .create());
    }

    /** Whether it is still ours. */
    boolean renew(Live live) {
        return write(new LeaseBuilder(live.lease())
                .editSpec()
                .withLeaseDurationSeconds(seconds)
                .withRenewTime(now())
                .endSpec()
                .build());
    }

    /** Whether it is ours now. */
    boolean take(Live live) {
        return write(new LeaseBuilder(live.lease())
                .editSpec()
                .withHolderIdentity(identity)
                .withLeaseDurationSeconds(seconds)
                .withAcquireTime(now())
                .withRenewTime(now())
                .withLeaseTransitions(live.transitions() + 1)
                .endSpec()
                .build());
    }

    void release(Live live) {
        write(new LeaseBuilder(live.lease())
                .editSpec()
                .withHolderIdentity(null)
                .withLeaseDurationSeconds(1)
                .withRenewTime(now())
                .endSpec()
                .build());
    }

    /** The version in the object makes it the very one that was read. */
    private boolean write(Lease lease) {
        return won(() -> client.leases().inNamespace(namespace).resource(lease).update());
    }

    private static boolean won(Runnable write) {
        try {
            write.run();
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                return false;
            }
            throw e;
        }
    }

    private Resource<Lease> resource() {
        return client.leases().inNamespace(namespace).withName(NAME);
    }

    /** For people to read; nobody here compares it. */
    private static ZonedDateTime now() {
        return ZonedDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
    }

    @Override
    public String toString() {
        return "leases in namespace " + namespace + " (" + NAME + ")";
    }
}
