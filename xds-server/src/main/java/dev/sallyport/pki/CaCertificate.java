package dev.sallyport.pki;

import java.time.Instant;

/** The certificate of a CA, without its key: what bundles are made of. Equal by content. Immutable. */
public final class CaCertificate {
    private final long epoch;
    private final Instant notBefore;
    private final Instant notAfter;
    private final byte[] der;
    private final String pem;

    CaCertificate(long epoch, Instant notBefore, Instant notAfter, byte[] der) {
        this.epoch = epoch;
        this.notBefore = notBefore;
        this.notAfter = notAfter;
        this.der = der;
        this.pem = Pem.encode(Pem.CERTIFICATE, der);
    }

    /** The number of the calendar period in which this CA issues. */
    public long epoch() {
        return epoch;
    }

    public Instant notBefore() {
        return notBefore;
    }

    public Instant notAfter() {
        return notAfter;
    }

    public String pem() {
        return pem;
    }

    byte[] der() {
        return der.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CaCertificate that && pem.equals(that.pem);
    }

    @Override
    public int hashCode() {
        return pem.hashCode();
    }

    @Override
    public String toString() {
        return "CA certificate of epoch " + epoch + ", valid " + notBefore + " to " + notAfter;
    }
}
