package dev.sallyport.testing.kubernetes;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;

/** What ServiceAccount tokens are signed with. */
public enum SigningKey {
    /** RSA of 2,048 bits, as most clusters: RS256. */
    RSA("RSA", new RSAKeyGenParameterSpec(2_048, RSAKeyGenParameterSpec.F4)),
    /** P-256: ES256. */
    EC("EC", new ECGenParameterSpec("secp256r1"));

    private final String algorithm;

    @SuppressWarnings("ImmutableEnumChecker") // both specifications are immutable
    private final AlgorithmParameterSpec parameters;

    SigningKey(String algorithm, AlgorithmParameterSpec parameters) {
        this.algorithm = algorithm;
        this.parameters = parameters;
    }

    KeyPair generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(parameters);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
