package dev.sallyport.inject;

/** Something in a Pod has a type that no Pod has there: nothing that was read from it may be relied on. */
final class MalformedPodException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Refusal refusal;

    MalformedPodException(Refusal refusal) {
        super(refusal.toString());
        this.refusal = refusal;
    }

    Refusal refusal() {
        return refusal;
    }
}
