package dev.sallyport.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.junit.jupiter.api.Test;

class P256Test {
    private static final BigInteger ORDER =
            new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);
    private static final byte[] MESSAGE = "sample".getBytes(StandardCharsets.US_ASCII);

    /** RFC 6979 appendix A.2.5. */
    private static final BigInteger RFC_KEY =
            new BigInteger("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721", 16);

    private static final String RFC_R = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716";
    private static final String RFC_S = "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";

    @Test
    void signsAsRfc6979Says() {
        ECPrivateKeyParameters key = new ECPrivateKeyParameters(RFC_KEY, P256.CURVE);

        assertThat(HexFormat.of().formatHex(P256.sign(key, MESSAGE)))
                .isEqualTo("3046022100" + RFC_R + "022100" + RFC_S);
    }

    @Test
    void keepsDerivedKeysBetweenOneAndTheOrder() {
        byte[] zero = new byte[P256.DERIVED_LENGTH];
        byte[] largest = new byte[P256.DERIVED_LENGTH];
        Arrays.fill(largest, (byte) 0xff);
        byte[] lastMultiple = new byte[P256.DERIVED_LENGTH];
        byte[] orderLessTwo = ORDER.subtract(BigInteger.TWO).toByteArray();
        System.arraycopy(orderLessTwo, 0, lastMultiple, P256.DERIVED_LENGTH - orderLessTwo.length, orderLessTwo.length);

        assertThat(P256.derived(zero).getD()).isEqualTo(BigInteger.ONE);
        assertThat(P256.derived(largest).getD()).isBetween(BigInteger.ONE, ORDER.subtract(BigInteger.ONE));
        assertThat(P256.derived(lastMultiple).getD()).isEqualTo(ORDER.subtract(BigInteger.ONE));
        assertThatThrownBy(() -> P256.derived(new byte[32])).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void givesKeysThatJavaUnderstands() throws Exception {
        ECPrivateKeyParameters key = new ECPrivateKeyParameters(RFC_KEY, P256.CURVE);
        KeyPair pair = P256.keyPair(key);

        Signature verifier = Signature.getInstance("SHA256withECDSA");
        verifier.initVerify(pair.getPublic());
        verifier.update(MESSAGE);

        assertThat(verifier.verify(P256.sign(key, MESSAGE))).isTrue();
        assertThat(((ECPrivateKey) pair.getPrivate()).getS()).isEqualTo(RFC_KEY);
    }

    @Test
    void verifiesWhatJavaSignsAndNothingElse() throws Exception {
        KeyPair pair = pair("secp256r1");
        Signature signer = Signature.getInstance("SHA256withECDSAinP1363Format");
        signer.initSign(pair.getPrivate());
        signer.update(MESSAGE);
        byte[] signature = signer.sign();
        P256PublicKey key = new P256PublicKey((ECPublicKey) pair.getPublic());

        assertThat(key.verifies(MESSAGE, signature)).isTrue();
        for (int i = 0; i < signature.length; i++) {
            byte[] altered = signature.clone();
            altered[i] ^= 1;
            assertThat(key.verifies(MESSAGE, altered)).isFalse();
        }
        assertThat(key.verifies(new byte[] {1}, signature)).isFalse();
        assertThat(key.verifies(MESSAGE, new byte[64])).isFalse();
        assertThat(key.verifies(MESSAGE, new byte[0])).isFalse();
        assertThat(key.verifies(MESSAGE, Arrays.copyOf(signature, 65))).isFalse();
        byte[] orders = HexFormat.of().parseHex(ORDER.toString(16).repeat(2));
        assertThat(key.verifies(MESSAGE, orders)).isFalse();
    }

    @Test
    void refusesKeysOfOtherCurves() throws Exception {
        ECPublicKey other = (ECPublicKey) pair("secp384r1").getPublic();

        assertThat(P256PublicKey.isOnCurve(other)).isFalse();
        assertThatThrownBy(() -> new P256PublicKey(other)).isInstanceOf(IllegalArgumentException.class);
    }

    private static KeyPair pair(String curve) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        return generator.generateKeyPair();
    }
}
