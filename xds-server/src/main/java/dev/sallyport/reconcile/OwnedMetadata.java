package dev.sallyport.reconcile;

import dev.sallyport.policy.PolicyId;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;

/** Metadata of an object that its policy owns, and takes with it when it is deleted. */
final class OwnedMetadata {
    static ObjectMeta of(PolicyId workload, String name, String policyUid) {
        return new ObjectMetaBuilder()
                .withNamespace(workload.namespace())
                .withName(name)
                .withLabels(ObjectNames.labels(workload))
                .withOwnerReferences(new OwnerReferenceBuilder()
                        .withApiVersion(ObjectNames.API_VERSION)
                        .withKind(ObjectNames.KIND)
                        .withName(workload.name())
                        .withUid(policyUid)
                        .withController(true)
                        .build())
                .build();
    }

    private OwnedMetadata() {}
}
