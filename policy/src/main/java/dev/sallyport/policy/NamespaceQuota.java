package dev.sallyport.policy;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Which policies are beyond the {@value #MAX} that a namespace may have: the last in the order of their names. For one thread. */
public final class NamespaceQuota {
    /** Policies in one namespace. */
    public static final int MAX = 200;

    private final Map<String, Standing> namespaces = new HashMap<>();

    private static final class Standing {
        private final TreeSet<PolicyId> within = new TreeSet<>();
        private final TreeSet<PolicyId> beyond = new TreeSet<>();
    }

    /** Counts {@code id}, once. {@code moved} is told of another that is beyond the quota from now on. */
    public void add(PolicyId id, Consumer<? super PolicyId> moved) {
        Standing standing = namespaces.computeIfAbsent(id.namespace(), first -> new Standing());
        if (standing.within.contains(id) || standing.beyond.contains(id)) {
            return;
        }
        standing.within.add(id);
        if (standing.within.size() > MAX) {
            PolicyId last = standing.within.last();
            standing.within.remove(last);
            standing.beyond.add(last);
            if (!last.equals(id)) {
                moved.accept(last);
            }
        }
    }

    /** Counts {@code id} no more. {@code moved} is told of another that is within the quota from now on. */
    public void remove(PolicyId id, Consumer<? super PolicyId> moved) {
        Standing standing = namespaces.get(id.namespace());
        if (standing == null) {
            return;
        }
        standing.beyond.remove(id);
        if (standing.within.remove(id) && !standing.beyond.isEmpty()) {
            PolicyId first = standing.beyond.first();
            standing.beyond.remove(first);
            standing.within.add(first);
            moved.accept(first);
        }
        if (standing.within.isEmpty()) {
            namespaces.remove(id.namespace());
        }
    }

    /** Whether {@code id}, which was added, is beyond the quota. */
    public boolean exceededBy(PolicyId id) {
        Standing standing = namespaces.get(id.namespace());
        return standing != null && standing.beyond.contains(id);
    }
}
