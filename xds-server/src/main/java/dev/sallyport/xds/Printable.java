package dev.sallyport.xds;

/** Text from the other end, made fit for logs and status. */
final class Printable {
    /** {@code text} with control characters replaced by blanks, cut to {@code longest} characters. */
    static String text(String text, int longest) {
        int length = Math.min(text.length(), longest);
        StringBuilder printable = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            printable.append(Character.isISOControl(c) ? ' ' : c);
        }
        return text.length() > longest ? printable.append('…').toString() : printable.toString();
    }

    private Printable() {}
}
