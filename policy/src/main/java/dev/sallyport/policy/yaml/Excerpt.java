package dev.sallyport.policy.yaml;

/** Text of a document as messages show it: one line, printable, not long. Not for text that may be secret. */
public final class Excerpt {
    private static final int MAX_LENGTH = 160;

    private Excerpt() {}

    /** {@code text} with control characters and unpaired surrogates escaped, cut after 160 characters. */
    public static String of(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().limit(MAX_LENGTH).forEach(c -> append(shown, c));
        return text.codePointCount(0, text.length()) > MAX_LENGTH
                ? shown.append('…').toString()
                : shown.toString();
    }

    /** {@link #of} in double quotes. */
    public static String quoted(String text) {
        return '"' + of(text) + '"';
    }

    private static void append(StringBuilder shown, int c) {
        int type = Character.getType(c);
        boolean visible = c == ' '
                || !Character.isWhitespace(c)
                        && !Character.isSpaceChar(c)
                        && type != Character.CONTROL
                        && type != Character.FORMAT
                        && type != Character.SURROGATE
                        && type != Character.UNASSIGNED;
        if (visible) {
            shown.appendCodePoint(c);
        } else {
            shown.append("\\u%04X".formatted(c));
        }
    }
}
