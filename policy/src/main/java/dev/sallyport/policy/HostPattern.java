package dev.sallyport.policy;

/**
 * The {@code host} of a host entry, normalised: an exact name, {@code *.suffix} (one or more labels below it, not the apex) or {@code *} alone.
 * Ordered by its text, so that whatever is built from sorted patterns is deterministic.
 *
 * @param text as written in status, logs and resource names
 */
public record HostPattern(String text) implements Comparable<HostPattern> {
    public static final HostPattern ANY = new HostPattern("*");

    public boolean isExact() {
        return !text.startsWith("*");
    }

    public boolean isAny() {
        return text.equals("*");
    }

    /** Whether this pattern covers {@code host}, a normalised name. */
    public boolean covers(String host) {
        if (isExact()) {
            return host.equals(text);
        }
        String suffix = text.substring(1);
        return isAny() || host.length() > suffix.length() && host.endsWith(suffix);
    }

    @Override
    public int compareTo(HostPattern other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
