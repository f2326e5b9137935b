package dev.sallyport.source.kubernetes;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * The objects that one watch is about.
 *
 * @param api {@code /api/v1} or {@code /apis/GROUP/VERSION}
 * @param resource the plural, {@code secrets}
 * @param namespace empty: all
 * @param labelSelector empty: all
 */
record ObjectQuery(String api, String resource, String namespace, String labelSelector) {
    static ObjectQuery core(String resource, String namespace) {
        return new ObjectQuery("/api/v1", resource, namespace, "");
    }

    /** Path and query, to which {@code &NAME=VALUE} can be appended. */
    String path() {
        String where = namespace.isEmpty() ? "" : "/namespaces/" + namespace;
        String labels = labelSelector.isEmpty() ? "" : "labelSelector=" + encoded(labelSelector);
        return api + where + "/" + resource + "?" + labels;
    }

    static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    /** For messages. */
    @Override
    public String toString() {
        return resource + (namespace.isEmpty() ? "" : " in namespace " + namespace);
    }
}
