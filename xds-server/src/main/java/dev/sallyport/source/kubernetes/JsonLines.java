package dev.sallyport.source.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Cuts the body of a watch, one JSON object a line, out of the pieces in which it arrives. For one thread at a time. */
final class JsonLines {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** An API server stores objects of 1.5 MiB; base64 and the event around it make more of them. */
    private static final int LONGEST_LINE = 8 << 20;

    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    /** The objects that are complete with this piece. */
    List<JsonNode> add(List<ByteBuffer> pieces) throws ApiFailure {
        List<JsonNode> complete = new ArrayList<>();
        for (ByteBuffer piece : pieces) {
            while (piece.hasRemaining()) {
                byte next = piece.get();
                if (next != '\n') {
                    line.write(next);
                } else if (line.size() > 0) {
                    complete.add(parse(line.toByteArray()));
                    line.reset();
                }
            }
            if (line.size() > LONGEST_LINE) {
                throw ApiFailure.noAnswer("an event is longer than " + (LONGEST_LINE >> 20) + " MiB");
            }
        }
        return complete;
    }

    /** The parser's own words may quote what it read, which may be a Secret. */
    static JsonNode parse(byte[] text) throws ApiFailure {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw ApiFailure.noAnswer("the answer is not JSON");
        }
    }
}
