package dev.sallyport.source.kubernetes;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The objects that one watch is about. Immutable.
 *
 * @param api {@code /api/v1} or {@code /apis/GROUP/VERSION}
 * @param resource the plural, {@code secrets}
 * @param namespace empty: all
 * @param labelSelector empty: all
 * @param name of the only object; empty: all
 * @param clusterScoped whether objects of this kind have no namespace
 * @param page how many objects are asked for at once
 */
public record ObjectQuery(
        String api,
        String resource,
        String namespace,
        String labelSelector,
        String name,
        boolean clusterScoped,
        int page) {
    private static final int PAGE = 500;

    /** All objects of a kind whose objects have a namespace. */
    public static ObjectQuery of(String api, String resource) {
        return new ObjectQuery(api, resource, "", "", "", false, PAGE);
    }

    /** All objects of a kind whose objects have none. */
    public static ObjectQuery clusterScoped(String api, String resource) {
        return new ObjectQuery(api, resource, "", "", "", true, PAGE);
    }

    static ObjectQuery core(String resource, String namespace) {
        return of("/api/v1", resource).in(namespace);
    }

    /** Those in one namespace. */
    public ObjectQuery in(String only) {
        return new ObjectQuery(api, resource, only, labelSelector, name, clusterScoped, page);
    }

    /** Those that this selector, such as {@code app=x}, matches. */
    public ObjectQuery labelled(String selector) {
        return new ObjectQuery(api, resource, namespace, selector, name, clusterScoped, page);
    }

    /** The one of that name: rights to this object alone are enough. */
    public ObjectQuery named(String only) {
        return new ObjectQuery(api, resource, namespace, labelSelector, only, clusterScoped, page);
    }

    /** The same, but asked for so many at once: where objects are large, a page of them is held in memory. */
    public ObjectQuery paged(int objects) {
        return new ObjectQuery(api, resource, namespace, labelSelector, name, clusterScoped, objects);
    }

    /** Path and query, to which {@code &NAME=VALUE} can be appended. */
    String path() {
        String where = namespace.isEmpty() ? "" : "/namespaces/" + namespace;
        List<String> selectors = new ArrayList<>();
        if (!labelSelector.isEmpty()) {
            selectors.add("labelSelector=" + encoded(labelSelector));
        }
        if (!name.isEmpty()) {
            selectors.add(fieldSelector(name));
        }
        return api + where + "/" + resource + "?" + String.join("&", selectors);
    }

    static String fieldSelector(String name) {
        return "fieldSelector=" + encoded("metadata.name=" + name);
    }

    static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    /** For messages. */
    @Override
    public String toString() {
        return resource
                + (namespace.isEmpty() ? "" : " in namespace " + namespace)
                + (name.isEmpty() ? "" : " (" + name + ")");
    }
}
