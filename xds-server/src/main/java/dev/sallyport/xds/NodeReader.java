package dev.sallyport.xds;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.WireFormat;
import dev.sallyport.bootstrap.EnvoyVersion;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the few fields of {@code envoy.config.core.v3.Node} that matter, and of {@code google.rpc.Status}, from the wire, and skips the rest. */
final class NodeReader {
    private static final int LENGTH_DELIMITED = WireFormat.WIRETYPE_LENGTH_DELIMITED;
    private static final int NODE_ID = (1 << 3) | LENGTH_DELIMITED;
    private static final int NODE_METADATA = (3 << 3) | LENGTH_DELIMITED;
    private static final int NODE_BUILD_VERSION = (8 << 3) | LENGTH_DELIMITED;
    private static final int STATUS_MESSAGE = (2 << 3) | LENGTH_DELIMITED;

    /** The first field of BuildVersion (the version), and of a Struct (its entries) and of an entry (its key). */
    private static final int FIRST = (1 << 3) | LENGTH_DELIMITED;

    private static final int ENTRY_VALUE = (2 << 3) | LENGTH_DELIMITED;
    private static final int LONGEST_ID = 128;
    private static final int LONGEST_MESSAGE = 1024;
    private static final String OUR_KEY = "sallyport";

    static SidecarNode node(CodedInputStream in) throws IOException {
        int end = in.pushLimit(in.readRawVarint32());
        String id = "";
        Optional<EnvoyVersion> version = Optional.empty();
        Struct metadata = Struct.getDefaultInstance();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case NODE_ID -> id = Printable.text(in.readStringRequireUtf8(), LONGEST_ID);
                case NODE_METADATA -> metadata = ourMetadata(in);
                case NODE_BUILD_VERSION -> version = buildVersion(in);
                default -> skip(in, tag);
            }
        }
        in.popLimit(end);
        return new SidecarNode(id, version, metadata);
    }

    static String statusMessage(CodedInputStream in) throws IOException {
        int end = in.pushLimit(in.readRawVarint32());
        String message = "";
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == STATUS_MESSAGE) {
                message = Printable.text(in.readString(), LONGEST_MESSAGE);
            } else {
                skip(in, tag);
            }
        }
        in.popLimit(end);
        return message;
    }

    static void skip(CodedInputStream in, int tag) throws IOException {
        boolean skipped = in.skipField(tag);
        if (!skipped) {
            throw new IOException("unexpected end of group");
        }
    }

    private static Optional<EnvoyVersion> buildVersion(CodedInputStream in) throws IOException {
        int end = in.pushLimit(in.readRawVarint32());
        Optional<EnvoyVersion> version = Optional.empty();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == FIRST) {
                version = Optional.of(semanticVersion(in));
            } else {
                skip(in, tag);
            }
        }
        in.popLimit(end);
        return version;
    }

    private static EnvoyVersion semanticVersion(CodedInputStream in) throws IOException {
        int end = in.pushLimit(in.readRawVarint32());
        int[] numbers = new int[3];
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            int field = WireFormat.getTagFieldNumber(tag);
            if (field <= numbers.length && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_VARINT) {
                numbers[field - 1] = in.readUInt32();
            } else {
                skip(in, tag);
            }
        }
        in.popLimit(end);
        return new EnvoyVersion(numbers[0], numbers[1], numbers[2]);
    }

    /** Only our entry of a Struct, whose entries are a map from field 1 to field 2. */
    private static Struct ourMetadata(CodedInputStream in) throws IOException {
        int end = in.pushLimit(in.readRawVarint32());
        Struct.Builder ours = Struct.newBuilder();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == FIRST) {
                Value value = ourEntry(in);
                if (value != null) {
                    ours.putFields(OUR_KEY, value);
                }
            } else {
                skip(in, tag);
            }
        }
        in.popLimit(end);
        return ours.build();
    }

    private static @Nullable Value ourEntry(CodedInputStream in) throws IOException {
        int end = in.pushLimit(in.readRawVarint32());
        String key = "";
        Value value = null;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == FIRST) {
                key = in.readStringRequireUtf8();
            } else if (tag == ENTRY_VALUE && key.equals(OUR_KEY)) {
                // Serialisers write the key of a map entry before its value.
                value = in.readMessage(Value.parser(), ExtensionRegistryLite.getEmptyRegistry());
            } else {
                skip(in, tag);
            }
        }
        in.popLimit(end);
        return value;
    }

    private NodeReader() {}
}
