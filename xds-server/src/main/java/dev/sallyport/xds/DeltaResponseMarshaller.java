package dev.sallyport.xds;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** Writes responses around resources that were serialised once, straight into gRPC's buffers. */
final class DeltaResponseMarshaller implements Marshaller<DeltaResponse> {
    // Field numbers of envoy.service.discovery.v3.DeltaDiscoveryResponse.
    private static final int REVISION = 1;
    private static final int RESOURCE = 2;
    private static final int TYPE_URL = 4;
    private static final int NONCE = 5;
    private static final int REMOVED = 6;

    static int size(DeltaResponse response) {
        int size = CodedOutputStream.computeStringSize(REVISION, response.revision())
                + CodedOutputStream.computeStringSize(TYPE_URL, response.type().typeUrl())
                + CodedOutputStream.computeStringSize(NONCE, response.nonce());
        for (ByteString resource : response.resources()) {
            size += CodedOutputStream.computeBytesSize(RESOURCE, resource);
        }
        for (String name : response.removed()) {
            size += CodedOutputStream.computeStringSize(REMOVED, name);
        }
        return size;
    }

    private static void write(DeltaResponse response, OutputStream to) throws IOException {
        CodedOutputStream out = CodedOutputStream.newInstance(to);
        out.writeString(REVISION, response.revision());
        for (ByteString resource : response.resources()) {
            // An embedded message has the same form on the wire as bytes.
            out.writeBytes(RESOURCE, resource);
        }
        out.writeString(TYPE_URL, response.type().typeUrl());
        out.writeString(NONCE, response.nonce());
        for (String name : response.removed()) {
            out.writeString(REMOVED, name);
        }
        out.flush();
    }

    @Override
    public InputStream stream(DeltaResponse response) {
        return new Serialised(response);
    }

    @Override
    public DeltaResponse parse(InputStream stream) {
        throw new IllegalStateException("the server sends responses and never receives one");
    }

    /** gRPC drains it, knowing its length; only another transport would read it byte by byte. */
    private static final class Serialised extends InputStream implements Drainable, KnownLength {
        private final DeltaResponse response;
        private final int size;
        private boolean drained;
        private InputStream bytes = InputStream.nullInputStream();

        Serialised(DeltaResponse response) {
            this.response = response;
            this.size = size(response);
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            write(response, target);
            drained = true;
            return size;
        }

        @Override
        public int available() {
            return drained ? 0 : size;
        }

        @Override
        public int read() throws IOException {
            return bytes().read();
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
            return bytes().read(to, offset, length);
        }

        private InputStream bytes() {
            if (!drained) {
                drained = true;
                bytes = new ByteArrayInputStream(copied());
            }
            return bytes;
        }

        private byte[] copied() {
            ByteArrayOutputStream copy = new ByteArrayOutputStream(size);
            try {
                write(response, copy);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return copy.toByteArray();
        }
    }
}
