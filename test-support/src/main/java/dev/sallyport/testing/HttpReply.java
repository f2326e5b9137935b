package dev.sallyport.testing;

import dev.sallyport.testing.UpstreamRequest.Header;
import java.util.List;
import java.util.Optional;

/**
 * What came back for one request.
 *
 * @param status 0: the connection was closed, or failed, without an answer
 * @param headers in order, trailers included
 * @param body one character a byte
 */
public record HttpReply(int status, List<Header> headers, String body) {
    /** No answer. */
    public static final HttpReply CLOSED = new HttpReply(0, List.of(), "");

    public HttpReply {
        headers = List.copyOf(headers);
    }

    /** The first value of a header; compares names without case. */
    public Optional<String> header(String name) {
        return headers.stream()
                .filter(header -> header.name().equalsIgnoreCase(name))
                .map(Header::value)
                .findFirst();
    }

    public boolean isClosed() {
        return status == 0;
    }
}
