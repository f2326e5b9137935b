package dev.sallyport.policy;

import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a URL leads when an app behind a sidecar opens it.
 *
 * @param host as written, without brackets
 * @param port 1..65535; 443 for {@code http://} without a port or with port 80, because the sidecar upgrades it to TLS
 * @param upgraded whether the URL is {@code http://} or {@code ws://}: what leaves is TLS all the same
 */
public record Destination(String host, int port, boolean upgraded) {
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;
    private static final Pattern URL = Pattern.compile("(?:([A-Za-z][A-Za-z0-9+.-]*)://)?+([^/?#\\\\]*)(?:[/?#].*)?");
    private static final Pattern AUTHORITY =
            Pattern.compile("(?:[^@]*@)?(\\[[^\\[\\]@]*]|[^:@\\[\\]]*)(?::([^:@\\[\\]]*))?");

    /**
     * The destination of {@code url}: {@code https://}, {@code http://}, {@code wss://} or {@code ws://}, or {@code HOST[:PORT]} alone, which means {@code https://}.
     *
     * @throws IllegalArgumentException when it is nothing of the kind; the message is for people
     */
    public static Destination parse(String url) {
        boolean visible = url.chars().allMatch(c -> c > ' ' && c != 0x7f);
        Matcher parts = URL.matcher(url);
        if (!visible || !parts.matches()) {
            throw new IllegalArgumentException("not a URL: expected something like https://api.example.com/");
        }
        boolean upgraded = isUpgraded(parts.group(1) == null ? "https" : parts.group(1));
        Matcher authority = AUTHORITY.matcher(parts.group(2));
        if (!authority.matches() || authority.group(1).isEmpty()) {
            throw new IllegalArgumentException("no host in the URL: expected something like https://api.example.com/");
        }
        return new Destination(unbracketed(authority.group(1)), port(authority.group(2), upgraded), upgraded);
    }

    private static boolean isUpgraded(String scheme) {
        return switch (scheme.toLowerCase(Locale.ROOT)) {
            case "http", "ws" -> true;
            case "https", "wss" -> false;
            default ->
                throw new IllegalArgumentException(
                        "scheme " + scheme + " is not one that a policy is about: expected https, http, wss or ws");
        };
    }

    private static int port(@Nullable String text, boolean upgraded) {
        if (text == null || text.isEmpty()) {
            return HTTPS_PORT;
        }
        OptionalInt port = Ports.number(text);
        if (port.isEmpty()) {
            throw new IllegalArgumentException("port " + text + " is none: expected an integer from 1 to 65535");
        }
        return upgraded && port.getAsInt() == HTTP_PORT ? HTTPS_PORT : port.getAsInt();
    }

    private static String unbracketed(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }
}
