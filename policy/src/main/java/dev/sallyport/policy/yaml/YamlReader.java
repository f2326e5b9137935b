package dev.sallyport.policy.yaml;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the text of a YAML file into documents. A syntax error ends the document it stands in and no other one: the text is cut at its {@code ---} and {@code ...} lines first, which YAML allows nowhere
 * inside of a document. JSON is YAML. Never throws.
 */
public final class YamlReader {
    /** Longest text of one file, in UTF-16 units. */
    public static final int MAX_FILE_LENGTH = 16 << 20;

    /** Longest text of one document, in UTF-16 units; an API server takes less. */
    public static final int MAX_DOCUMENT_LENGTH = 3 << 20;

    /** Most documents of one file, empty ones included. */
    public static final int MAX_DOCUMENTS = 20_000;

    private static final String LINE_START = "(?:\\A|\r\n|[\r\n])";
    private static final Pattern BORDER = Pattern.compile(
            LINE_START + "(?=---(?:[ \t\r\n]|\\z))|" + LINE_START + "\\.\\.\\.(?=[ \t]*(?:#[^\r\n]*)?(?:[\r\n]|\\z))");
    private static final Pattern LINE_END = Pattern.compile("\r\n|[\r\n]");

    private YamlReader() {}

    /**
     * All documents of {@code text}, in order; empty ones are left out, and the items of a {@code List} stand for themselves.
     *
     * @param file how the file is named in messages
     */
    public static List<YamlDocument> read(String file, String text) {
        if (text.length() > MAX_FILE_LENGTH) {
            return List.of(refused(file, 1, "the file is longer than " + (MAX_FILE_LENGTH >> 20) + " MiB"));
        }
        List<YamlDocument> documents = new ArrayList<>();
        String content = text.startsWith("\uFEFF") ? text.substring(1) : text;
        int line = 0;
        int start = 0;
        int count = 1;
        Matcher border = BORDER.matcher(content);
        while (border.find()) {
            if (count++ >= MAX_DOCUMENTS) {
                documents.add(refused(file, line + 1, "the file has more than " + MAX_DOCUMENTS + " documents"));
                return YamlObjectLists.unwrapped(documents);
            }
            String chunk = content.substring(start, border.end());
            documents.addAll(readChunk(file, chunk, line));
            line += lineEnds(chunk);
            start = border.end();
        }
        documents.addAll(readChunk(file, content.substring(start), line));
        return YamlObjectLists.unwrapped(documents);
    }

    private static List<YamlDocument> readChunk(String file, String chunk, int linesBefore) {
        if (chunk.length() > MAX_DOCUMENT_LENGTH) {
            String message = "the document is longer than " + (MAX_DOCUMENT_LENGTH >> 20) + " MiB";
            return List.of(refused(file, linesBefore + 1, message));
        }
        return new YamlComposer(file, chunk, linesBefore).documents();
    }

    private static YamlDocument refused(String file, int line, String message) {
        return new YamlDocument(
                file, line, new YamlMap(line, List.of()), false, List.of(new YamlDefect(line, "", message)));
    }

    static int lineEnds(String text) {
        return (int) LINE_END.matcher(text).results().count();
    }
}
