package dev.sallyport.reconcile;

import dev.sallyport.policy.EgressPolicy;
import dev.sallyport.policy.ExposedPort;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import java.util.Optional;

/** The Service of a workload that exposes ports. */
final class WorkloadService {
    /** Empty when nothing is exposed. */
    static Optional<Service> of(EgressPolicy policy, String policyUid) {
        if (policy.expose().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new ServiceBuilder()
                .withMetadata(OwnedMetadata.of(policy.id(), ObjectNames.service(policy.id()), policyUid))
                .withNewSpec()
                .withType("ClusterIP")
                .withSelector(ObjectNames.podLabels(policy.id()))
                .withPorts(policy.expose().stream().map(WorkloadService::port).toList())
                .endSpec()
                .build());
    }

    private static ServicePort port(ExposedPort exposed) {
        return new ServicePortBuilder()
                .withName(exposed.name())
                .withProtocol("TCP")
                .withPort(exposed.port())
                .withTargetPort(new IntOrString(exposed.port()))
                .build();
    }

    private WorkloadService() {}
}
