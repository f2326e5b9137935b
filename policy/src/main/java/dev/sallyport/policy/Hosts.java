package dev.sallyport.policy;

import dev.sallyport.policy.yaml.Excerpt;
import java.net.IDN;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The rules for host names. Thread-safe: has no state. */
public final class Hosts {
    private static final String LABEL_OF_REQUEST = "[a-zA-Z0-9_-]+";

    /** A label that no URL parser reads as a number, decimal or hexadecimal: RE2 cannot say "but not", so this says what is left. */
    private static final String LAST_LABEL =
            "(?:[0-9]*[a-wyzA-WYZ_-][a-zA-Z0-9_-]*" // the first that is no digit is no x
                    + "|(?:[1-9][0-9]*|0[0-9]+)?[xX][a-zA-Z0-9_-]*" // not 0x
                    + "|0[xX][0-9a-fA-F]*[g-zG-Z_-][a-zA-Z0-9_-]*)"; // 0x, and then something that is not hexadecimal

    /**
     * The names that requests may be for, as a regular expression of both Java and RE2 for a whole text in any case: labels that DNS can hold, of which the last is not numeric. What it does not match is an address, would be
     * read as one by some client ({@code 127.1}, {@code 0x7f000001}), or is nothing; no policy allows it, {@code *} included. Without a trailing dot; the length is not looked at.
     */
    public static final String NAME = "(?:" + LABEL_OF_REQUEST + "[.])*" + LAST_LABEL;

    private static final int MAX_NAME = 253;
    private static final int MAX_LABEL = 63;
    /** Longest text that is looked at, so that hostile input costs little. */
    private static final int MAX_WRITTEN = 1_000;

    private static final Pattern OUTER_SPACE = Pattern.compile("^[ \\t\\r\\n]+|[ \\t\\r\\n]+$");
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]*[a-z0-9])?");
    private static final Pattern PORT = Pattern.compile(".*:[0-9]*");
    /** What URL parsers read as an IPv4 address, however odd its other labels: {@code 127.1}, {@code 0x7f.1}, {@code 2130706433}. */
    private static final Pattern NUMERIC_END = Pattern.compile("(.*\\.)?([0-9]+|0x[0-9a-f]*)\\.?");

    private Hosts() {}

    /** What became of a host name. */
    public sealed interface Normalised {
        /** It is one; {@code pattern} is its normal form. */
        record Accepted(HostPattern pattern) implements Normalised {}

        /** It is none; {@code message} says what was found and what was expected. */
        record Refused(String message) implements Normalised {}
    }

    /**
     * The normal form of a {@code host} of a policy: outer white space and one trailing dot are taken away, ASCII letters are lower-cased, each label is checked. No IDNA mapping: its variants
     * disagree, so a name that is not ASCII is refused with its A-label as an offer.
     */
    public static Normalised normalise(String text) {
        if (text.length() > MAX_WRITTEN) {
            return refused(text, "a host name of at most " + MAX_NAME + " characters");
        }
        String trimmed = OUTER_SPACE.matcher(text).replaceAll("");
        if (!isAscii(trimmed)) {
            return refused(trimmed, "ASCII" + offer(trimmed));
        }
        String name = trimmed.toLowerCase(Locale.ROOT);
        if (name.equals("*")) {
            return new Normalised.Accepted(HostPattern.ANY);
        }
        Optional<String> refusal = refusal(name);
        if (refusal.isPresent()) {
            return refused(trimmed, refusal.get());
        }
        return new Normalised.Accepted(new HostPattern(withoutTrailingDot(name)));
    }

    private static Normalised refused(String found, String expected) {
        return new Normalised.Refused("found " + Excerpt.quoted(found) + ", expected " + expected);
    }

    private static Optional<String> refusal(String name) {
        if (name.isEmpty()) {
            return Optional.of("a host name");
        }
        if (name.contains("/") || name.contains("@")) {
            return Optional.of("a host name alone, without scheme, user or path");
        }
        if (isAddress(name)) {
            return Optional.of("a name and not an IP literal (a name with resolveTo reaches a fixed address)");
        }
        if (PORT.matcher(name).matches()) {
            return Optional.of("a name without a port: ports belong in the field ports");
        }
        String suffix = name.startsWith("*.") ? name.substring(2) : name;
        if (suffix.contains("*")) {
            return Optional.of("a wildcard of whole labels: *.SUFFIX, or * alone");
        }
        return nameRefusal(name, withoutTrailingDot(suffix));
    }

    private static Optional<String> nameRefusal(String name, String suffix) {
        int length = withoutTrailingDot(name).length();
        if (length > MAX_NAME) {
            return Optional.of("at most " + MAX_NAME + " characters, and this has " + length);
        }
        for (String label : suffix.split("\\.", -1)) {
            if (label.isEmpty()) {
                return Optional.of("a name without empty labels");
            }
            if (label.length() > MAX_LABEL) {
                return Optional.of("labels of at most " + MAX_LABEL + " characters, and one has " + label.length());
            }
            if (!LABEL.matcher(label).matches()) {
                return Optional.of("labels of a-z, 0-9 and - with a letter or digit at both ends, which "
                        + Excerpt.quoted(label) + " is not");
            }
        }
        return Optional.empty();
    }

    /** Whether {@code name}, in lower case, is an IP address or would be read as one by some client. */
    static boolean isAddress(String name) {
        return name.startsWith("[")
                || IpAddress.parse(name).isPresent()
                || NUMERIC_END.matcher(name).matches();
    }

    static String withoutTrailingDot(String name) {
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 0x80);
    }

    private static String offer(String name) {
        boolean wildcard = name.startsWith("*.");
        try {
            String ascii = IDN.toASCII(wildcard ? name.substring(2) : name).toLowerCase(Locale.ROOT);
            String offered = wildcard ? "*." + ascii : ascii;
            return refusal(offered).isEmpty() ? "; the A-label form may be " + offered : "";
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
