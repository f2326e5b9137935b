package dev.sallyport.testing;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** The chunked body of an HTTP/1.1 answer with status 200, as a stream: for what is too large for a {@link HttpReply}. */
public final class HttpBody extends InputStream {
    private final InputStream in;
    private long left;
    private boolean over;

    /** Reads the head of the answer from that stream, at its start. */
    public HttpBody(InputStream in) throws IOException {
        this.in = in;
        String status = line();
        if (!status.startsWith("HTTP/1.1 200")) {
            throw new IOException("no answer 200: " + status);
        }
        boolean chunked = false;
        for (String line = line(); !line.isEmpty(); line = line()) {
            chunked |= line.equalsIgnoreCase("transfer-encoding: chunked");
        }
        if (!chunked) {
            throw new IOException("not chunked");
        }
        nextChunk();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int wanted) throws IOException {
        if (over) {
            return -1;
        }
        int count = in.read(target, offset, (int) Math.min(wanted, left));
        if (count < 0) {
            throw new EOFException("the body ends within a chunk");
        }
        left -= count;
        if (left == 0) {
            line();
            nextChunk();
        }
        return count;
    }

    private void nextChunk() throws IOException {
        left = Long.parseLong(line(), 16);
        over = left == 0;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }
}
