package dev.sallyport.pki;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * HMAC-SHA-256 with a key that was derived from the root seed, for versions and revisions of what may hold a secret: an open hash would let anyone guess short secrets. Prints as {@code ***}. Thread-safe.
 */
public final class KeyedHash {
    static final int KEY_LENGTH = 32;

    private static final String ALGORITHM = "HmacSHA256";
    private static final int HEX_BYTES = 16;

    /** Keyed, and never used but to be copied: to look an algorithm up and key it takes longer than to hash a few names. */
    private final Mac keyed;

    KeyedHash(byte[] key) {
        try {
            keyed = Mac.getInstance(ALGORITHM);
            keyed.init(new SecretKeySpec(key, ALGORITHM));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
    }

    /** Begins one hash. Parts are kept apart: {@code ("a", "bc")} and {@code ("ab", "c")} differ. */
    public Computation begin() {
        try {
            return new Computation((Mac) keyed.clone());
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the JDK's own " + ALGORITHM + " can be copied", e);
        }
    }

    @Override
    public String toString() {
        return "***";
    }

    /** One hash in the making; for one thread, and for one result. */
    public static final class Computation {
        private final Mac mac;

        private Computation(Mac mac) {
            this.mac = mac;
        }

        /** Adds a part. */
        public Computation add(String part) {
            return add(part.getBytes(StandardCharsets.UTF_8));
        }

        /** Adds a part. */
        public Computation add(byte[] part) {
            return add(ByteBuffer.wrap(part));
        }

        /** Adds a number as a part. */
        public Computation add(long part) {
            return add(ByteBuffer.allocate(Long.BYTES).putLong(0, part));
        }

        /** Adds what remains in {@code part}, and consumes it. */
        public Computation add(ByteBuffer part) {
            mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, part.remaining()));
            mac.update(part);
            return this;
        }

        /** All 32 bytes. */
        public byte[] bytes() {
            return mac.doFinal();
        }

        /** The first 128 bits as 32 hexadecimal digits. */
        public String hex() {
            return HexFormat.of().formatHex(Arrays.copyOf(bytes(), HEX_BYTES));
        }
    }
}
