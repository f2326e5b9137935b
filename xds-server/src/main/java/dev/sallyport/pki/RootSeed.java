package dev.sallyport.pki;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.params.HKDFParameters;

/**
 * The one secret that all CA keys, token keys and revision hashes are derived from (RFC 5869 HKDF with SHA-256). It prints as {@code ***} and does not give its bytes back. Immutable, thread-safe.
 */
public final class RootSeed {
    /** Length of a seed in bytes. */
    public static final int LENGTH = 32;

    private static final byte[] SALT = "sallyport root seed 1".getBytes(StandardCharsets.US_ASCII);

    private final byte[] pseudoRandomKey;

    private RootSeed(byte[] seed) {
        pseudoRandomKey = new HKDFBytesGenerator(new SHA256Digest()).extractPRK(SALT, seed);
    }

    /** A seed from its {@value #LENGTH} bytes. */
    public static RootSeed of(byte[] seed) {
        if (seed.length != LENGTH) {
            throw new IllegalArgumentException(
                    "root seed: " + seed.length + " bytes (expected: exactly " + LENGTH + " random bytes)");
        }
        return new RootSeed(seed);
    }

    /**
     * Reads the seed file; makes it, mode 0600, where it does not exist. Processes that start together end with the same seed.
     *
     * @throws IOException when the file cannot be read or made, has another length, or may be read by group or others; the message is for people and says what to do
     */
    public static RootSeed loadOrCreate(Path file) throws IOException {
        return new RootSeed(new RootSeedFile(file).readOrCreate());
    }

    /**
     * Bytes that belong to one purpose. The same call gives the same bytes, and a shorter length a prefix of them; another purpose or context gives unrelated ones.
     *
     * @param length 1..8,160 bytes
     * @param context what else the bytes depend on; {@code ("a", "bc")} and {@code ("ab", "c")} differ
     */
    public byte[] derive(String purpose, int length, String... context) {
        HKDFBytesGenerator expand = new HKDFBytesGenerator(new SHA256Digest());
        expand.init(HKDFParameters.skipExtractParameters(pseudoRandomKey, info(purpose, context)));
        byte[] bytes = new byte[length];
        expand.generateBytes(bytes, 0, length);
        return bytes;
    }

    /** A hash that only holders of this seed can compute, with a key that belongs to one purpose. */
    public KeyedHash hmac(String purpose) {
        return new KeyedHash(derive("hmac", KeyedHash.KEY_LENGTH, purpose));
    }

    /** A P-256 key pair that belongs to one purpose. */
    public KeyPair deriveKeyPair(String purpose) {
        return P256.keyPair(P256.derived(derive(purpose, P256.DERIVED_LENGTH)));
    }

    /** Each part goes in with its length, so that no two lists of parts look alike. */
    private static byte[] info(String purpose, String... context) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            put(out, purpose);
            for (String part : context) {
                put(out, part);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void put(DataOutputStream out, String part) throws IOException {
        byte[] encoded = part.getBytes(StandardCharsets.UTF_8);
        out.writeInt(encoded.length);
        out.write(encoded);
    }

    @Override
    public String toString() {
        return "***";
    }
}
