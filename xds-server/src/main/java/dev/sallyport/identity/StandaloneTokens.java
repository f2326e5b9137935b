package dev.sallyport.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.sallyport.pki.RootSeed;
import dev.sallyport.policy.PolicyId;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.ECPrivateKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Tokens where there is no API server to issue them: ES256, with a key derived from the root seed, so that a control plane accepts after a restart what it minted before. Thread-safe. */
public final class StandaloneTokens {
    /** Longest life of a token. */
    public static final Duration MAX_TTL = Duration.ofDays(1);

    private static final String ISSUER = "sallyport-standalone";
    private static final String CLAIM = "sallyport.dev";
    private static final String NAMESPACE = "namespace";
    private static final String WORKLOAD = "workload";
    private static final String SUBJECT = "sub";
    private static final int KEY_ID_BYTES = 8;

    private final KeyPair key;
    private final String keyId;
    private final Clock clock;

    public StandaloneTokens(RootSeed seed, Clock clock) {
        this.key = seed.deriveKeyPair("standalone token key");
        this.keyId = keyId(key);
        this.clock = clock;
    }

    /**
     * A token for one sidecar of a workload.
     *
     * @param sidecar which of them; not empty
     * @param ttl positive, at most {@link #MAX_TTL}
     */
    public String mint(PolicyId workload, String sidecar, Duration ttl) {
        if (sidecar.isEmpty() || ttl.isNegative() || ttl.isZero() || ttl.compareTo(MAX_TTL) > 0) {
            throw new IllegalArgumentException("token of sidecar \"" + sidecar + "\" for " + ttl
                    + " (expected: a name, and more than nothing up to " + MAX_TTL + ")");
        }
        Instant now = clock.instant();
        JWTClaimsSet claims = new JWTClaimsSet.Builder()
                .issuer(ISSUER)
                .audience(JwtRules.AUDIENCE)
                .subject(sidecar)
                .issueTime(Date.from(now))
                .notBeforeTime(Date.from(now))
                .expirationTime(Date.from(now.plus(ttl)))
                .jwtID(UUID.randomUUID().toString())
                .claim(CLAIM, Map.of(NAMESPACE, workload.namespace(), WORKLOAD, workload.name()))
                .build();
        return signed(claims);
    }

    /** Accepts the tokens of {@link #mint}, on this and every replica with the same seed. */
    public TokenVerifier verifier() {
        JwtRules rules = new JwtRules(ISSUER, JwtRules.AUDIENCE, Set.of(JWSAlgorithm.ES256));
        return new JwtTokenVerifier(rules, this::find, StandaloneTokens::resolve, clock);
    }

    private KeySource.Lookup find(String name) {
        return name.equals(keyId) ? new KeySource.Found(key.getPublic()) : new KeySource.Unknown();
    }

    private static Authentication resolve(TokenClaims claims) {
        Optional<String> namespace = claims.text(CLAIM, NAMESPACE);
        Optional<String> workload = claims.text(CLAIM, WORKLOAD);
        Optional<String> sidecar = claims.text(SUBJECT);
        if (namespace.isEmpty() || workload.isEmpty() || sidecar.isEmpty()) {
            return new Authentication.Refused(
                    Authentication.Kind.PERMISSION_DENIED,
                    "claims_missing",
                    "it names no workload and sidecar (expected: " + CLAIM + " with " + NAMESPACE + " and " + WORKLOAD
                            + ", and " + SUBJECT + ")");
        }
        PolicyId id = new PolicyId(namespace.get(), workload.get());
        return new Authentication.Accepted(new WorkloadIdentity(id, sidecar.get(), claims.expires()));
    }

    private String signed(JWTClaimsSet claims) {
        JWSHeader header =
                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(keyId).build();
        SignedJWT jwt = new SignedJWT(header, claims);
        try {
            jwt.sign(new ECDSASigner((ECPrivateKey) key.getPrivate()));
        } catch (JOSEException e) {
            throw new IllegalStateException("every Java platform signs with P-256", e);
        }
        return jwt.serialize();
    }

    private static String keyId(KeyPair key) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest(key.getPublic().getEncoded());
            return HexFormat.of().formatHex(Arrays.copyOf(hash, KEY_ID_BYTES));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return "tokens signed with key " + keyId;
    }
}
