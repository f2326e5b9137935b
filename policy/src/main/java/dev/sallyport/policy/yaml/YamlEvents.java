package dev.sallyport.policy.yaml;

import java.util.Iterator;
import java.util.Objects;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.StreamEndEvent;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/** The parser events of a text. Where its syntax breaks they end, and the error is kept. */
final class YamlEvents {
    private static final LoadSettings SETTINGS =
            LoadSettings.builder().setCodePointLimit(Integer.MAX_VALUE).build();
    private static final Event END = new StreamEndEvent(Optional.empty(), Optional.empty());

    private final String text;
    private final int linesBefore;
    private final Iterator<Event> events;
    private Optional<YamlDefect> failure = Optional.empty();
    private int lastLine;

    /** @param linesBefore how many lines of the file stand before {@code text} */
    YamlEvents(String text, int linesBefore) {
        this.text = text;
        this.linesBefore = linesBefore;
        this.lastLine = linesBefore + 1;
        this.events = new Parse(SETTINGS).parseString(text).iterator();
    }

    /** The next event; a {@link StreamEndEvent} at the end and after it. */
    Event next() {
        if (failure.isPresent()) {
            return END;
        }
        try {
            Event event = events.next();
            lastLine = line(event);
            return event;
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark()
                    .map(mark -> linesBefore + mark.getLine() + 1)
                    .orElse(lastLine);
            fail(line, "not valid YAML: " + Excerpt.of(Objects.requireNonNullElse(e.getProblem(), "syntax error")));
        } catch (ReaderException e) {
            fail(unprintableLine(), "not valid YAML: the character U+%04X is not allowed".formatted(e.getCodePoint()));
        } catch (YamlEngineException e) {
            fail(lastLine, "not valid YAML");
        }
        return END;
    }

    /** Ends the events here. */
    void fail(int line, String message) {
        failure = Optional.of(new YamlDefect(line, "", message));
    }

    /** Why the events ended early; empty: they did not. */
    Optional<YamlDefect> failure() {
        return failure;
    }

    /** The line of an event, from 1; that of the last one for an end without a place. */
    int line(Event event) {
        return event.getStartMark()
                .map(mark -> linesBefore + mark.getLine() + 1)
                .orElse(lastLine);
    }

    /** The reader looks ahead of the parser, so the place is sought in the text. */
    private int unprintableLine() {
        int index = 0;
        while (index < text.length() && StreamReader.isPrintable(text.codePointAt(index))) {
            index += Character.charCount(text.codePointAt(index));
        }
        return linesBefore + 1 + YamlReader.lineEnds(text.substring(0, index));
    }
}
