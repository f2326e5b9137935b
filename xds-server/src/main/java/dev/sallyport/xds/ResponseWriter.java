package dev.sallyport.xds;

import com.google.protobuf.ByteString;
import dev.sallyport.snapshot.VersionedResource;
import java.util.List;

/**
 * Hands responses to the connection no faster than it takes them. gRPC has a copy of what is handed over and not written yet: at most {@link StreamLimits#maxResponseBytes} when it says that it is ready, and one response more; a
 * response that is larger than that needs a {@linkplain LargeResponses place}. Not thread-safe.
 */
final class ResponseWriter {
    private final SidecarStream.Outbound out;
    private final StreamServices services;
    private final LargeResponses.Place place;
    private long nonce;
    private boolean waitsForRoom;

    ResponseWriter(SidecarStream.Outbound out, StreamServices services, LargeResponses.Place place) {
        this.out = out;
        this.services = services;
        this.place = place;
    }

    /**
     * Sends these in order until there is no room; whether all were sent.
     *
     * @param now when {@code state} was looked at
     */
    boolean send(StreamState state, List<Push> pushes, long now) {
        for (Push push : pushes) {
            if (!out.isReady() || !send(state, push, now)) {
                return false;
            }
        }
        return true;
    }

    /** Call when nothing more can be sent for now: gives back the room of what is written. */
    void settle() {
        if (out.isReady() && !waitsForRoom) {
            place.giveBack();
        }
        waitsForRoom = false;
    }

    private boolean send(StreamState state, Push push, long now) {
        List<ByteString> resources =
                push.resources().stream().map(VersionedResource::bytes).toList();
        DeltaResponse response = new DeltaResponse(
                push.type(), state.target().revision(), Long.toString(nonce + 1), resources, push.removed());
        int size = DeltaResponseMarshaller.size(response);
        if (push.bytes() > services.limits().maxResponseBytes() && !place.take(size)) {
            waitsForRoom = true;
            return false;
        }
        nonce++;
        state.sent(push, response.nonce(), now);
        services.metrics().sent(push, size);
        out.send(response);
        return true;
    }

    /** Nothing more is written. */
    void close() {
        place.giveBack();
    }
}
