package dev.sallyport.policy;

/**
 * Names one Secret or ConfigMap that policies may refer to.
 *
 * @param namespace empty: it serves every namespace, as what lies in a directory does
 */
public record ObjectName(String namespace, String name) {
    /** Of an object that serves every namespace. */
    public static ObjectName shared(String name) {
        return new ObjectName("", name);
    }

    /** Of {@code NAMESPACE/NAME}. */
    public static ObjectName parse(String id) {
        int slash = id.indexOf('/');
        if (slash < 1) {
            throw new IllegalArgumentException("object: " + id + " (expected: NAMESPACE/NAME)");
        }
        return new ObjectName(id.substring(0, slash), id.substring(slash + 1));
    }

    @Override
    public String toString() {
        return namespace.isEmpty() ? name : namespace + "/" + name;
    }
}
