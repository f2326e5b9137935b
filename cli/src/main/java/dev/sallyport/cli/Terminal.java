package dev.sallyport.cli;

import java.util.List;

/** Text for terminals. */
final class Terminal {
    private static final int LONGEST = 300;

    /** Without control characters, which could move the cursor or colour what follows, and not endless: what an app sends to its sidecar ends here. */
    static String printable(String text) {
        StringBuilder printable = new StringBuilder();
        text.codePoints()
                .limit(LONGEST)
                .forEach(c -> printable.appendCodePoint(
                        Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '?' : c));
        return printable.toString();
    }

    /** Rows as columns, two blanks between them; nothing after the last. */
    static String table(List<List<String>> rows) {
        int columns = rows.stream().mapToInt(List::size).max().orElse(0);
        int[] widths = new int[columns];
        rows.forEach(row -> {
            for (int i = 0; i < row.size(); i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        });
        StringBuilder table = new StringBuilder();
        rows.forEach(row -> table.append(line(row, widths)).append(System.lineSeparator()));
        return table.toString();
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
            line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
        }
        return line.toString().stripTrailing();
    }

    private Terminal() {}
}
