package dev.sallyport.xds;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.grpc.MethodDescriptor.Marshaller;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads requests straight from the wire. Envoy's {@code node} lists some 500 extensions in 60 KB; the generated classes would make an object of each, on every stream of a reconnecting fleet. Here they are skipped.
 * Never throws for what a request holds: what is malformed or over the limits comes out as {@link DeltaRequest.Invalid}.
 */
final class DeltaRequestMarshaller implements Marshaller<DeltaRequest> {
    // Field numbers of envoy.service.discovery.v3.DeltaDiscoveryRequest.
    private static final int NODE = 1;
    private static final int TYPE_URL = 2;
    private static final int SUBSCRIBE = 3;
    private static final int UNSUBSCRIBE = 4;
    private static final int INITIAL_VERSIONS = 5;
    private static final int NONCE = 6;
    private static final int ERROR = 7;

    private final int maxBytes;
    private final int maxNames;

    /**
     * @param maxBytes of one request
     * @param maxNames of resources in one request, so that a small request cannot become many objects
     */
    DeltaRequestMarshaller(int maxBytes, int maxNames) {
        this.maxBytes = maxBytes;
        this.maxNames = maxNames;
    }

    @Override
    public InputStream stream(DeltaRequest request) {
        throw new IllegalStateException("the server receives requests and never sends one");
    }

    @Override
    public DeltaRequest parse(InputStream stream) {
        try {
            // gRPC's streams know what is left of the message.
            if (stream.available() > maxBytes) {
                return new DeltaRequest.Invalid(StreamEnd.LIMIT, "a request has more than " + maxBytes + " bytes");
            }
            return new Fields(maxNames).read(CodedInputStream.newInstance(stream));
        } catch (TooMany e) {
            return new DeltaRequest.Invalid(StreamEnd.LIMIT, "a request names more than " + maxNames + " resources");
        } catch (IOException e) {
            return new DeltaRequest.Invalid(StreamEnd.BAD_REQUEST, "a request is not a DeltaDiscoveryRequest");
        }
    }

    private static final class TooMany extends IOException {}

    /** The fields seen so far. */
    private static final class Fields {
        private final int maxNames;
        private int names;
        private @Nullable SidecarNode node;
        private String typeUrl = "";
        private final List<String> subscribe = new ArrayList<>();
        private final List<String> unsubscribe = new ArrayList<>();
        private final Map<String, String> initialVersions = new HashMap<>();
        private String nonce = "";
        private @Nullable String error;

        Fields(int maxNames) {
            this.maxNames = maxNames;
        }

        DeltaRequest read(CodedInputStream in) throws IOException {
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (!readField(in, tag) && !in.skipField(tag)) {
                    break;
                }
            }
            return new DeltaRequest.Valid(node, typeUrl, subscribe, unsubscribe, initialVersions, nonce, error);
        }

        private boolean readField(CodedInputStream in, int tag) throws IOException {
            if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
                return false;
            }
            switch (WireFormat.getTagFieldNumber(tag)) {
                case NODE -> node = NodeReader.node(in);
                case TYPE_URL -> typeUrl = in.readStringRequireUtf8();
                case SUBSCRIBE -> subscribe.add(name(in));
                case UNSUBSCRIBE -> unsubscribe.add(name(in));
                case INITIAL_VERSIONS -> initialVersion(in);
                case NONCE -> nonce = in.readStringRequireUtf8();
                case ERROR -> error = NodeReader.statusMessage(in);
                default -> {
                    return false;
                }
            }
            return true;
        }

        private String name(CodedInputStream in) throws IOException {
            if (++names > maxNames) {
                throw new TooMany();
            }
            return in.readStringRequireUtf8();
        }

        private void initialVersion(CodedInputStream in) throws IOException {
            int end = in.pushLimit(in.readRawVarint32());
            String name = "";
            String version = "";
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                switch (tag) {
                    case (1 << 3) | WireFormat.WIRETYPE_LENGTH_DELIMITED -> name = name(in);
                    case (2 << 3) | WireFormat.WIRETYPE_LENGTH_DELIMITED -> version = in.readStringRequireUtf8();
                    default -> NodeReader.skip(in, tag);
                }
            }
            in.popLimit(end);
            initialVersions.put(name, version);
        }
    }
}
