package dev.sallyport.testing;

import java.util.List;
import java.util.Locale;

/**
 * One request as an {@link Upstream} received it, recorded when its head was complete.
 *
 * @param target path and query, byte for byte
 * @param protocol {@code HTTP/1.1} or {@code HTTP/2}
 * @param headers in order; over HTTP/2 without the pseudo-headers
 * @param rawHead the bytes of the head as text, one character a byte; empty over HTTP/2
 */
public record UpstreamRequest(
        UpstreamConnection connection,
        String method,
        String target,
        String authority,
        String protocol,
        List<Header> headers,
        String rawHead) {
    /** One header field as it came; the name with its case over HTTP/1.1. */
    public record Header(String name, String value) {}

    public UpstreamRequest {
        headers = List.copyOf(headers);
    }

    /** All values of a header, in order; compares names without case. */
    public List<String> values(String name) {
        return headers.stream()
                .filter(header -> header.name().equalsIgnoreCase(name))
                .map(Header::value)
                .toList();
    }

    /** Names in lower case, in order, with repetitions. */
    public List<String> names() {
        return headers.stream()
                .map(header -> header.name().toLowerCase(Locale.ROOT))
                .toList();
    }
}
