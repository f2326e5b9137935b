package dev.sallyport.webhook;

/** What came is no AdmissionReview that could be answered as one. The message is one line. */
final class MalformedReviewException extends Exception {
    private static final long serialVersionUID = 1;

    MalformedReviewException(String message) {
        super(message);
    }
}
