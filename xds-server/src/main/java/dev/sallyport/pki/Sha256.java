package dev.sallyport.pki;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 of public bytes. What may hold a secret is hashed by {@link KeyedHash}. */
final class Sha256 {
    static byte[] of(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private Sha256() {}
}
