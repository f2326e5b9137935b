package dev.sallyport.source.kubernetes;

import java.util.Optional;
import java.util.regex.Pattern;

/** A moment in the history of all objects of one kind: a decimal number that only grows, as API servers compare it themselves. */
record ResourceVersion(String text) implements Comparable<ResourceVersion> {
    /** Before everything. */
    static final ResourceVersion NONE = new ResourceVersion("0");

    private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,38}");

    /** Empty: {@code text} is none. */
    static Optional<ResourceVersion> parse(String text) {
        return NUMBER.matcher(text).matches() ? Optional.of(new ResourceVersion(text)) : Optional.empty();
    }

    @Override
    public int compareTo(ResourceVersion other) {
        int byLength = Integer.compare(text.length(), other.text.length());
        return byLength != 0 ? byLength : text.compareTo(other.text);
    }

    boolean isBefore(ResourceVersion other) {
        return compareTo(other) < 0;
    }

    @Override
    public String toString() {
        return text;
    }
}
