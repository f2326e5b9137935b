package dev.sallyport.reconcile;

import dev.sallyport.bootstrap.PodLayout;
import dev.sallyport.bootstrap.SdsFiles;
import dev.sallyport.pki.TrustBundle;
import dev.sallyport.policy.PolicyId;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a workload's Pods mount: the files that their apps trust the sidecar by, and those that the sidecar finds the control plane by. Public certificates and file names only. */
final class TrustConfigMap {
    /**
     * Makes it.
     *
     * @param policyUid of the policy, which takes the ConfigMap with it
     * @param xdsCaPem what sidecars check the control plane with
     */
    static ConfigMap of(PolicyId workload, String policyUid, TrustBundle bundle, String xdsCaPem) {
        SortedMap<String, String> text = new TreeMap<>();
        SortedMap<String, String> binary = new TreeMap<>();
        bundle.files(PodLayout.TRUST).forEach((name, bytes) -> {
            if (name.equals(TrustBundle.TRUST_STORE)) {
                binary.put(name, Base64.getEncoder().encodeToString(bytes));
            } else {
                text.put(name, new String(bytes, StandardCharsets.UTF_8));
            }
        });
        text.put(PodLayout.XDS_CA, xdsCaPem);
        text.put(PodLayout.XDS_CA_SDS, SdsFiles.ca(PodLayout.TRUST.resolve(PodLayout.XDS_CA)));
        text.put(PodLayout.XDS_TOKEN_SDS, SdsFiles.token(PodLayout.TOKEN));
        return new ConfigMapBuilder()
                .withMetadata(OwnedMetadata.of(workload, ObjectNames.trust(workload), policyUid))
                .withData(text)
                .withBinaryData(binary)
                .build();
    }

    private TrustConfigMap() {}
}
