package dev.sallyport.policy;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the name that somebody who mistyped most likely meant. */
final class NearName {
    private static final int LONGEST = 40;

    private NearName() {}

    /** The nearest of {@code names}, when it is near enough to be offered. */
    static Optional<String> of(String written, String... names) {
        return Arrays.stream(names)
                .filter(name -> distance(written, name) <= Math.max(1, name.length() / 3))
                .min(Comparator.comparing((String name) -> distance(written, name))
                        .thenComparing(name -> name));
    }

    /** Levenshtein distance, without regard to case, {@code -} and {@code _}; very far when {@code written} is no word. */
    static int distance(String written, String name) {
        if (written.length() > LONGEST) {
            return Integer.MAX_VALUE;
        }
        String a = plain(written);
        String b = plain(name);
        int[] row = new int[b.length() + 1];
        Arrays.setAll(row, j -> j);
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
    }
}
