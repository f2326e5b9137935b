package dev.sallyport.policy;

import java.util.Comparator;

/** Names one {@code EgressPolicy}, and so one workload: printed as {@code NAMESPACE/NAME}. */
public record PolicyId(String namespace, String name) implements Comparable<PolicyId> {
    private static final Comparator<PolicyId> ORDER =
            Comparator.comparing(PolicyId::namespace).thenComparing(PolicyId::name);

    @Override
    public int compareTo(PolicyId other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
