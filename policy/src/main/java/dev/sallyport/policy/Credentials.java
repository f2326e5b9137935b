package dev.sallyport.policy;

import dev.sallyport.policy.yaml.YamlScalar;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the {@code credentials} of one host. Messages never show a {@code value}: it is meant to be public, and mistakes happen. */
final class Credentials {
    static final int MAX_PER_HOST = 8;
    static final int MAX_RENDERED_BYTES = 16_384;
    static final int MAX_FORMAT = 1_024;
    private static final String PLACEHOLDER = "{value}";

    private final String host;

    /** @param host for messages */
    Credentials(String host) {
        this.host = host;
    }

    /** The credentials of {@code entry}, sorted by header; those with errors are left out. */
    List<CredentialSpec> read(Fields entry) {
        List<Element> elements =
                entry.list("credentials", "a list of credentials").orElse(List.of());
        if (elements.size() > MAX_PER_HOST) {
            entry.element("credentials")
                    .ifPresent(list -> list.error(
                            "found " + elements.size() + " credentials, expected at most " + MAX_PER_HOST + " a host"));
        }
        Map<String, String> seen = new HashMap<>();
        return elements.stream()
                .limit(MAX_PER_HOST)
                .flatMap(element -> one(element, seen).stream())
                .sorted(Comparator.comparing(CredentialSpec::header))
                .toList();
    }

    private Optional<CredentialSpec> one(Element element, Map<String, String> seen) {
        return element.fields("header", "format", "value", "valueFrom").flatMap(fields -> {
            Optional<String> header = fields.required("header", "a header name").flatMap(HeaderNames::read);
            header.ifPresent(name -> once(fields, name, seen));
            Optional<String> format = format(fields);
            String named = "credential " + header.orElse("?") + " of host " + host;
            if (fields.has("value") == fields.has("valueFrom")) {
                element.error(named + ": found " + (fields.has("value") ? "both" : "neither")
                        + ", expected exactly one of value and valueFrom");
            }
            Optional<SecretKey> secret = fields.element("valueFrom")
                    .flatMap(from -> from.fields("secretKeyRef"))
                    .flatMap(from -> References.required(from, "secretKeyRef", SecretKey::new));
            Optional<String> literal = fields.element("value").flatMap(value -> literal(value, format));
            fields.element("value").ifPresent(value -> warnOfSecret(value, header, literal));
            return header.flatMap(name -> format.map(f -> new CredentialSpec(name, f, literal, secret)));
        });
    }

    private void once(Fields fields, String header, Map<String, String> seen) {
        fields.element("header").ifPresent(element -> {
            String earlier = seen.putIfAbsent(header, element.path());
            if (earlier != null) {
                element.error("header " + header + " of host " + host + " is already set by " + earlier);
            }
        });
    }

    private static Optional<String> format(Fields fields) {
        Optional<Element> element = fields.element("format");
        if (element.isEmpty()) {
            return Optional.of(PLACEHOLDER);
        }
        return element.flatMap(format -> format.text().filter(text -> isGood(format, text)));
    }

    private static boolean isGood(Element element, String format) {
        if (format.length() > MAX_FORMAT) {
            element.error("found " + format.length() + " characters, expected at most " + MAX_FORMAT);
        } else if (!format.contains(PLACEHOLDER)) {
            // Not shown: without a place for the value, it may be the value.
            element.error("found no " + PLACEHOLDER + ", expected it where the value goes");
        } else if (!isPrintable(format)) {
            element.expected("no control characters");
        } else if (!format.equals(format.strip())) {
            element.expected("no white space at the ends, which HTTP takes away");
        } else {
            return true;
        }
        return false;
    }

    private static Optional<String> literal(Element element, Optional<String> format) {
        if (!element.isText()) {
            String quotes = element.node() instanceof YamlScalar ? " (put it in quotes)" : "";
            element.error("found " + element.node().type() + ", expected a string" + quotes);
            return Optional.empty();
        }
        String value = ((YamlScalar) element.node()).text();
        Optional<String> refusal = refusal(value, format.orElse(PLACEHOLDER));
        refusal.ifPresent(element::error);
        return refusal.isPresent() ? Optional.empty() : Optional.of(value);
    }

    private static Optional<String> refusal(String value, String format) {
        if (value.isEmpty()) {
            return Optional.of("found an empty value, expected at least one character");
        }
        if (!isPrintable(value)) {
            return Optional.of("found a control character, expected none");
        }
        if (!value.equals(value.strip())) {
            return Optional.of("found white space at an end, which HTTP takes away, expected none");
        }
        int uses = format.split("\\{value}", -1).length - 1;
        long bytes = (long) uses * value.getBytes(StandardCharsets.UTF_8).length + format.length();
        return bytes > MAX_RENDERED_BYTES
                ? Optional.of("found a value that is too long, expected at most " + MAX_RENDERED_BYTES
                        + " bytes with its format")
                : Optional.empty();
    }

    private static void warnOfSecret(Element value, Optional<String> header, Optional<String> literal) {
        boolean likely =
                literal.filter(text -> LikelySecret.is(header.orElse(""), text)).isPresent();
        if (likely) {
            value.warning(
                    "this looks like a secret, and value is a public constant: put it in a Secret and use valueFrom");
        }
    }

    private static boolean isPrintable(String text) {
        return text.chars().noneMatch(Character::isISOControl);
    }
}
