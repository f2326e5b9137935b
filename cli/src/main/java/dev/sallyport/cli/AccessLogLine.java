package dev.sallyport.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What {@code denials} and {@code run} read in one line of a sidecar's access log. Everything in it may be an app's choice.
 *
 * @param host as the app asked for it; empty: unknown
 * @param port that the app asked for
 * @param reason why it was refused, or broke; empty: it was served
 * @param target what the app's CONNECT named, or the address that a captured connection had dialled
 * @param tlsFailure what TLS complained about
 */
record AccessLogLine(
        String time,
        String policy,
        Optional<String> host,
        OptionalInt port,
        Optional<String> reason,
        OptionalInt status,
        Optional<String> method,
        Optional<String> path,
        Optional<String> target,
        Optional<String> tlsFailure) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Reads a line; empty: it is none of the log. */
    static Optional<AccessLogLine> parse(String line) {
        try {
            JsonNode json = JSON.readTree(line);
            return json.isObject() && json.has("policy") ? Optional.of(of(json)) : Optional.empty();
        } catch (JsonProcessingException notJson) {
            return Optional.empty();
        }
    }

    private static AccessLogLine of(JsonNode json) {
        return new AccessLogLine(
                text(json, "time").orElse(""),
                text(json, "policy").orElse(""),
                text(json, "host").or(() -> text(json, "authority")).map(AccessLogLine::withoutPort),
                number(json, "port"),
                text(json, "reason"),
                number(json, "status"),
                text(json, "method"),
                text(json, "path"),
                text(json, "connect"),
                text(json, "tls_failure"));
    }

    /** {@code other.example:443}, as far as it is known. */
    String destination() {
        String name = host.or(() -> target.map(AccessLogLine::withoutPort)).orElse("(no server name)");
        OptionalInt number = port.isPresent() ? port : targetPort();
        return number.isPresent() ? name + ":" + number.getAsInt() : name;
    }

    private OptionalInt targetPort() {
        String text = target.map(t -> t.substring(t.lastIndexOf(':') + 1)).orElse("");
        return text.matches("[0-9]{1,5}") ? OptionalInt.of(Integer.parseInt(text)) : OptionalInt.empty();
    }

    private static String withoutPort(String authority) {
        return authority.replaceFirst(":[0-9]{1,5}$", "");
    }

    private static Optional<String> text(JsonNode json, String field) {
        JsonNode value = json.path(field);
        return value.isValueNode() && !value.isNull()
                ? Optional.of(Terminal.printable(value.asText()))
                : Optional.empty();
    }

    private static OptionalInt number(JsonNode json, String field) {
        JsonNode value = json.path(field);
        if (value.canConvertToInt()) {
            return OptionalInt.of(value.asInt());
        }
        return value.isTextual() && value.asText().matches("[0-9]{1,9}")
                ? OptionalInt.of(Integer.parseInt(value.asText()))
                : OptionalInt.empty();
    }
}
