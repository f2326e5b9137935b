package dev.sallyport.policy;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Which request headers a credential may set. */
final class HeaderNames {
    static final int MAX_LENGTH = 256;
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Set<String> FRAMING = Set.of("host", "content-length", "expect", "forwarded", "via");
    private static final Set<String> HOP_BY_HOP = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authenticate",
            "proxy-authorization",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");
    private static final List<String> PREFIXES = List.of("x-envoy-", "x-forwarded-");

    private HeaderNames() {}

    /** The lower-case name that {@code element} must be. */
    static Optional<String> read(Element element) {
        Optional<String> text = element.text();
        Optional<String> expected = text.flatMap(HeaderNames::refusal);
        expected.ifPresent(element::expected);
        return expected.isPresent() ? Optional.empty() : text.map(name -> name.toLowerCase(Locale.ROOT));
    }

    private static Optional<String> refusal(String header) {
        if (header.length() > MAX_LENGTH || !TOKEN.matcher(header).matches()) {
            return Optional.of("a header name: an RFC 9110 token of at most " + MAX_LENGTH + " characters");
        }
        String name = header.toLowerCase(Locale.ROOT);
        if (HOP_BY_HOP.contains(name)) {
            return Optional.of("a header that reaches the upstream, and this one is hop-by-hop");
        }
        if (FRAMING.contains(name)) {
            return Optional.of("a header that is not part of how the request is routed or framed");
        }
        return PREFIXES.stream()
                .filter(name::startsWith)
                .findFirst()
                .map(prefix -> "a header that does not begin with " + prefix + ", which proxies read as instructions");
    }
}
