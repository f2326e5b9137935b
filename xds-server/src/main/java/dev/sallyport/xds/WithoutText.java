package dev.sallyport.xds;

/** A failure that tells where it happened but not with which words: those could hold a secret. */
final class WithoutText extends RuntimeException {
    private WithoutText(Throwable failure) {
        super(failure.getClass().getName());
        setStackTrace(failure.getStackTrace());
    }

    static WithoutText of(Throwable failure) {
        return new WithoutText(failure);
    }
}
