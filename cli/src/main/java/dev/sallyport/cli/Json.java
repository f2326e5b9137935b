package dev.sallyport.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.policy.PolicyProblem;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** JSON as {@code --output json} prints it: one line, fields in the order given. */
final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    /** {@code value}, made of maps, lists, strings, numbers and booleans. */
    static String line(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static Map<String, Object> problem(PolicyProblem problem) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("severity", problem.severity().name().toLowerCase(Locale.ROOT));
        json.put("file", problem.file());
        json.put("line", problem.line());
        json.put("object", problem.object());
        json.put("path", problem.path());
        json.put("message", problem.message());
        return json;
    }
}
