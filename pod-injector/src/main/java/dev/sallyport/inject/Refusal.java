package dev.sallyport.inject;

/**
 * Why a Pod is not admitted, and where.
 *
 * @param path of the field, {@code spec.containers[0].securityContext.privileged}
 * @param message one line: the value found, what was expected, why
 */
public record Refusal(String path, String message) {
    private static final int LONGEST = 60;

    /** With the value that was found, shortened. */
    static Refusal found(String path, Object value, String expected) {
        String text = String.valueOf(value).strip();
        String shown = text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text;
        return new Refusal(path, "found " + (shown.isEmpty() ? "\"\"" : shown) + ", expected " + expected);
    }

    @Override
    public String toString() {
        return path + ": " + message;
    }
}
