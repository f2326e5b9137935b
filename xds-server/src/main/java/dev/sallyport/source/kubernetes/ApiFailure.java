package dev.sallyport.source.kubernetes;

import java.io.IOException;
import java.time.Duration;

/** No answer of the API server, or one that says no. The message is for people and holds nothing of an object. */
class ApiFailure extends IOException {
    private static final long serialVersionUID = 1L;
    static final int NO_ANSWER = 0;
    static final int FORBIDDEN = 403;
    static final int GONE = 410;

    private final int code;
    private final Duration retryAfter;

    /**
     * @param code of HTTP; {@link #NO_ANSWER}: there is none
     * @param retryAfter what the server asks for; zero: nothing
     */
    ApiFailure(int code, String message, Duration retryAfter) {
        super(message);
        this.code = code;
        this.retryAfter = retryAfter;
    }

    static ApiFailure noAnswer(String message) {
        return new ApiFailure(NO_ANSWER, message, Duration.ZERO);
    }

    int code() {
        return code;
    }

    Duration retryAfter() {
        return retryAfter;
    }
}
