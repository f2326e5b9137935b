package dev.sallyport.testing;

import dev.sallyport.testing.UpstreamRequest.Header;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads HTTP/1.1 answers from a stream, leaving what follows them. */
final class HttpReplyReader {
    private static final int CONTINUE = 100;
    private static final int EARLY_HINTS = 103;

    private final InputStream in;

    HttpReplyReader(InputStream in) {
        this.in = in;
    }

    /**
     * The next final answer; {@link HttpReply#CLOSED} when there is none.
     *
     * @param bodiless whether it has no body whatever its headers say: an answer to HEAD or CONNECT
     */
    HttpReply read(boolean bodiless) throws IOException {
        HttpReply head = head();
        while (head.status() >= CONTINUE && head.status() <= EARLY_HINTS && head.status() != 101) {
            head = head();
        }
        if (head.isClosed() || bodiless || head.status() == 101 || head.status() == 204 || head.status() == 304) {
            return head;
        }
        List<Header> headers = new ArrayList<>(head.headers());
        return new HttpReply(head.status(), headers, body(head, headers));
    }

    private HttpReply head() throws IOException {
        String line = line();
        if (line.isEmpty()) {
            return HttpReply.CLOSED;
        }
        if (!line.startsWith("HTTP/1.")) {
            throw new IOException("no answer of HTTP/1: " + line);
        }
        return new HttpReply(Integer.parseInt(line.substring(9, 12)), fields(), "");
    }

    private List<Header> fields() throws IOException {
        List<Header> fields = new ArrayList<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            fields.add(new Header(
                    line.substring(0, colon), line.substring(colon + 1).strip()));
        }
        return fields;
    }

    private String body(HttpReply head, List<Header> headers) throws IOException {
        if (head.header("transfer-encoding").orElse("").contains("chunked")) {
            StringBuilder body = new StringBuilder();
            for (int size = chunkSize(); size > 0; size = chunkSize()) {
                body.append(text(in.readNBytes(size)));
                line();
            }
            headers.addAll(fields());
            return body.toString();
        }
        String length = head.header("content-length").orElse("");
        return text(length.isEmpty() ? in.readAllBytes() : in.readNBytes(Integer.parseInt(length)));
    }

    private int chunkSize() throws IOException {
        String line = line();
        if (line.isEmpty()) {
            throw new EOFException("the answer ends within a chunk");
        }
        return Integer.parseInt(line, 16);
    }

    /** Up to the next line feed, without it; empty at the end. */
    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
