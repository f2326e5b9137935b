package dev.sallyport.credential;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * A secret value. It prints as {@code ***}, is no record and is not serialisable; only the package that builds SDS secrets opens it (an ArchUnit rule
 * holds that). Equality is by content, in constant time. Immutable.
 */
public final class CredentialValue {
    private final byte[] bytes;

    private CredentialValue(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Takes a copy. */
    public static CredentialValue of(byte[] bytes) {
        return new CredentialValue(bytes.clone());
    }

    /** The value itself, a copy: for {@code dev.sallyport.envoy} alone. */
    public byte[] open() {
        return bytes.clone();
    }

    /** Length in bytes. */
    public int length() {
        return bytes.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CredentialValue that && MessageDigest.isEqual(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "***";
    }

    /** A value from text that is not secret, or of a test. */
    public static CredentialValue ofText(String text) {
        return new CredentialValue(text.getBytes(StandardCharsets.UTF_8));
    }
}
