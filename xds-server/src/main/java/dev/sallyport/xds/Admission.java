package dev.sallyport.xds;

import dev.sallyport.identity.Authentication;
import dev.sallyport.identity.TokenVerifier;
import dev.sallyport.identity.WorkloadIdentity;
import dev.sallyport.snapshot.Snapshots;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.Iterator;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** Decides who gets a stream. Every refusal comes before the first response: Envoy's back-off starts over with the first message it receives. */
final class Admission {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final String SCHEME = "Bearer ";

    private final Snapshots snapshots;
    private final TokenVerifier tokens;
    private final SidecarRegistry sidecars;
    private final ConnectionLimits limits;
    private final DoubleSupplier heapUse;

    /**
     * @param heapUse how full the heap is, 0 to 1
     */
    Admission(
            Snapshots snapshots,
            TokenVerifier tokens,
            SidecarRegistry sidecars,
            ConnectionLimits limits,
            DoubleSupplier heapUse) {
        this.snapshots = snapshots;
        this.tokens = tokens;
        this.sidecars = sidecars;
        this.limits = limits;
        this.heapUse = heapUse;
    }

    sealed interface Decision {
        /** One place of this sidecar is taken. */
        record Admitted(WorkloadIdentity identity) implements Decision {}

        /**
         * No stream.
         *
         * @param code for metrics, one of few
         * @param proven whether the token was good all the same
         */
        record Refused(Status status, String code, boolean proven) implements Decision {}
    }

    Decision decide(Metadata headers) {
        if (!snapshots.synced()) {
            return refused(Status.UNAVAILABLE, "not_synced", "not every source has synced yet");
        }
        if (heapUse.getAsDouble() >= limits.fullestHeap()) {
            // Whoever is served already goes on being served.
            return refused(Status.RESOURCE_EXHAUSTED, "memory", "the control plane has no memory for another stream");
        }
        String token = token(headers);
        if (token == null) {
            return refused(
                    Status.UNAUTHENTICATED, "no_token", "expected exactly one header authorization: Bearer TOKEN");
        }
        Authentication authentication = tokens.verify(token);
        if (authentication instanceof Authentication.Refused no) {
            return refused(status(no.kind()), no.code(), no.reason());
        }
        WorkloadIdentity identity = ((Authentication.Accepted) authentication).identity();
        if (!sidecars.reserve(identity, limits.maxStreamsPerSidecar())) {
            return new Decision.Refused(
                    Status.RESOURCE_EXHAUSTED.withDescription(
                            "this sidecar has " + limits.maxStreamsPerSidecar() + " streams already"),
                    "too_many_streams",
                    true);
        }
        return new Decision.Admitted(identity);
    }

    private static Decision refused(Status status, String code, String why) {
        return new Decision.Refused(status.withDescription(why), code, false);
    }

    private static Status status(Authentication.Kind kind) {
        return switch (kind) {
            case UNAUTHENTICATED -> Status.UNAUTHENTICATED;
            case PERMISSION_DENIED -> Status.PERMISSION_DENIED;
            case UNAVAILABLE -> Status.UNAVAILABLE;
        };
    }

    private static @Nullable String token(Metadata headers) {
        Iterable<String> values = headers.getAll(AUTHORIZATION);
        if (values == null) {
            return null;
        }
        Iterator<String> all = values.iterator();
        String value = all.next();
        boolean valid = !all.hasNext() && value.startsWith(SCHEME) && value.length() > SCHEME.length();
        return valid ? value.substring(SCHEME.length()) : null;
    }
}
