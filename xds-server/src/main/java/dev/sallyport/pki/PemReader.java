package dev.sallyport.pki;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the certificates of a PEM text. Text between blocks is a comment; a block of another kind, or one that is broken, is a problem. */
final class PemReader {
    private static final Pattern BEGIN = Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,64})-----");

    private final String origin;
    private final List<Block> blocks = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

    /** One certificate, not looked into. */
    static final class Block {
        private final String origin;
        private final byte[] der;

        Block(String origin, byte[] der) {
            this.origin = origin;
            this.der = der;
        }

        String origin() {
            return origin;
        }

        byte[] der() {
            return der;
        }
    }

    PemReader(String origin, String text) {
        this.origin = origin;
        Matcher begin = BEGIN.matcher(text);
        int number = 0;
        int from = 0;
        while (begin.find(from)) {
            number++;
            from = read(origin + ", block " + number, begin.group(1), text, begin.end());
        }
    }

    List<Block> blocks() {
        return blocks;
    }

    List<String> problems() {
        return problems;
    }

    /** Returns where to go on. */
    private int read(String block, String label, String text, int start) {
        String endLine = "-----END " + label + "-----";
        int end = text.indexOf(endLine, start);
        if (end < 0) {
            problems.add(block + ": no line " + endLine);
            return start;
        }
        if (label.equals(Pem.CERTIFICATE)) {
            decode(block, text.substring(start, end));
        } else {
            problems.add(block + ": " + label + " (expected: " + Pem.CERTIFICATE + ")");
        }
        return end + endLine.length();
    }

    private void decode(String block, String base64) {
        try {
            blocks.add(new Block(block, Base64.getDecoder().decode(base64.replaceAll("\\s", ""))));
        } catch (IllegalArgumentException e) {
            problems.add(block + ": not Base64");
        }
    }

    @Override
    public String toString() {
        return origin;
    }
}
