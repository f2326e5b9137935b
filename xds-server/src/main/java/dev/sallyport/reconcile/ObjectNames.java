package dev.sallyport.reconcile;

import dev.sallyport.bootstrap.PodLayout;
import dev.sallyport.policy.PolicyId;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** How the objects of a workload are called and labelled. */
final class ObjectNames {
    /** On Pods: the name of their policy. On objects of ours: whose they are. */
    static final String POLICY_LABEL = PodLayout.POLICY_LABEL;

    static final String MANAGED_BY_LABEL = "app.kubernetes.io/managed-by";

    /** The value of {@link #MANAGED_BY_LABEL}, and the field manager of all that is applied. */
    static final String SALLYPORT = "sallyport";

    /** Selects what is ours. */
    static final String OURS = MANAGED_BY_LABEL + "=" + SALLYPORT;

    /** What {@link #networkPolicy} begins with. */
    static final String NETWORK_POLICY = PodLayout.networkPolicy("");

    /** What {@link #trust} begins with. */
    static final String TRUST = PodLayout.trustConfigMap("");

    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    /** Keeps a deleted policy until its NetworkPolicy may go. */
    static final String FINALIZER = "sallyport.dev/network-policy";

    static final String API_VERSION = "sallyport.dev/v1alpha1";
    static final String KIND = "EgressPolicy";

    /** Labels of every object of that workload. */
    static SortedMap<String, String> labels(PolicyId workload) {
        SortedMap<String, String> labels = podLabels(workload);
        labels.put(MANAGED_BY_LABEL, SALLYPORT);
        return labels;
    }

    /** What the Pods of that workload carry. */
    static SortedMap<String, String> podLabels(PolicyId workload) {
        SortedMap<String, String> labels = new TreeMap<>();
        labels.put(POLICY_LABEL, workload.name());
        return labels;
    }

    /** Of the ConfigMap that the workload's Pods mount. */
    static String trust(PolicyId workload) {
        return PodLayout.trustConfigMap(workload.name());
    }

    static String networkPolicy(PolicyId workload) {
        return PodLayout.networkPolicy(workload.name());
    }

    /** Of the Service: the policy's own name, which is what others write to reach the workload. */
    static String service(PolicyId workload) {
        return workload.name();
    }

    /** Whether a policy can have that name; the label of a Pod, and the names of objects, may be anything. */
    static boolean isWorkload(PolicyId id) {
        return LABEL.matcher(id.name()).matches();
    }

    private ObjectNames() {}
}
