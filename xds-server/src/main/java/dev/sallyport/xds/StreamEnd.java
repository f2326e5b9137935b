package dev.sallyport.xds;

import io.grpc.Status;
import java.util.Locale;

/** Why a stream that was served ended. Envoy takes {@code OK} without a warning, and comes back within its base back-off after any of them. */
enum StreamEnd {
    CLIENT_CLOSED(Status.Code.OK, ""),
    TOKEN_EXPIRED(Status.Code.OK, ""),
    SHUT_DOWN(Status.Code.OK, ""),
    IDENTITY_REVOKED(Status.Code.PERMISSION_DENIED, "the workload identity of this stream is not valid any more"),
    ENVOY_TOO_OLD(Status.Code.FAILED_PRECONDITION, "this version of Envoy is not supported"),
    BAD_REQUEST(Status.Code.INVALID_ARGUMENT, "a request is malformed"),
    LIMIT(Status.Code.RESOURCE_EXHAUSTED, "a limit of the stream is reached"),
    NOT_ACKNOWLEDGED(Status.Code.DEADLINE_EXCEEDED, "a response was not acknowledged in time"),
    STALLED(Status.Code.RESOURCE_EXHAUSTED, "a large response was not read in time while other sidecars waited"),
    NO_REQUEST(Status.Code.DEADLINE_EXCEEDED, "no request came in time"),
    FAILURE(Status.Code.INTERNAL, "the stream failed");

    private final Status.Code code;
    private final String text;

    StreamEnd(Status.Code code, String text) {
        this.code = code;
        this.text = text;
    }

    Status status() {
        return code == Status.Code.OK ? Status.OK : Status.fromCode(code).withDescription(text);
    }

    /** Whether it is the sidecar's doing, and its operator should hear of it. */
    boolean isToBeTold() {
        return switch (this) {
            case ENVOY_TOO_OLD, BAD_REQUEST, LIMIT, NOT_ACKNOWLEDGED, STALLED, NO_REQUEST -> true;
            case CLIENT_CLOSED, TOKEN_EXPIRED, SHUT_DOWN, IDENTITY_REVOKED, FAILURE -> false;
        };
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
