package dev.sallyport.envoy;

import com.google.protobuf.ByteString;
import dev.sallyport.credential.CredentialValue;
import java.util.Optional;

/** A credential as the value of a header. The only place that opens a {@link CredentialValue}; no text of it holds the value. */
final class HeaderValue {
    private static final int LONGEST = 16_384;
    private static final String PLACE = "{value}";

    private final ByteString value;
    private final ByteString bytes;

    private HeaderValue(ByteString value, ByteString bytes) {
        this.value = value;
        this.bytes = bytes;
    }

    /** Puts {@code value} into every {@code {value}} of {@code format}. */
    static HeaderValue of(String format, CredentialValue value) {
        ByteString opened = withoutLineEnd(ByteString.copyFrom(value.open()));
        return new HeaderValue(opened, render(format, opened));
    }

    /** Why it cannot be sent; empty: it can. */
    Optional<String> fault() {
        if (value.isEmpty()) {
            return Optional.of("is empty");
        }
        if (hasControlCharacter()) {
            return Optional.of("holds a control character");
        }
        return bytes.size() > LONGEST
                ? Optional.of("makes a header value of more than " + LONGEST + " bytes")
                : Optional.empty();
    }

    /** What goes into the header. */
    ByteString bytes() {
        return bytes;
    }

    private boolean hasControlCharacter() {
        for (int i = 0; i < bytes.size(); i++) {
            int character = bytes.byteAt(i) & 0xff;
            if (character < 0x20 || character == 0x7f) {
                return true;
            }
        }
        return false;
    }

    /** Editors and {@code echo} put one there. */
    private static ByteString withoutLineEnd(ByteString value) {
        ByteString lineFeed = ByteString.copyFromUtf8("\n");
        if (!value.endsWith(lineFeed)) {
            return value;
        }
        boolean carriageReturn = value.endsWith(ByteString.copyFromUtf8("\r\n"));
        return value.substring(0, value.size() - (carriageReturn ? 2 : 1));
    }

    private static ByteString render(String format, ByteString value) {
        ByteString rendered = ByteString.EMPTY;
        int start = 0;
        for (int place = format.indexOf(PLACE); place >= 0; place = format.indexOf(PLACE, start)) {
            rendered = rendered.concat(ByteString.copyFromUtf8(format.substring(start, place)))
                    .concat(value);
            start = place + PLACE.length();
        }
        return rendered.concat(ByteString.copyFromUtf8(format.substring(start)));
    }
}
