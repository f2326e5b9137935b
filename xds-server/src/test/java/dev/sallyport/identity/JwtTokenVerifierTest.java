package dev.sallyport.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.testing.TestClock;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class JwtTokenVerifierTest {
    private static final String ISSUER = "https://issuer.example";
    private static final KeyPair EC = ec("secp256r1");
    private static final KeyPair EC_384 = ec("secp384r1");
    private static final KeyPair ATTACKERS = ec("secp256r1");
    private static final KeyPair RSA = rsa();

    private final TestClock clock = TestClock.at("2026-11-21T12:00:00Z");
    private final Map<String, KeySource.Lookup> keys = Map.of(
            "ec", new KeySource.Found(EC.getPublic()),
            "ec384", new KeySource.Found(EC_384.getPublic()),
            "rsa", new KeySource.Found(RSA.getPublic()),
            "away", new KeySource.Unavailable("the keys cannot be read"));
    private final TokenVerifier verifier =
            verifier(Set.of(JWSAlgorithm.ES256, JWSAlgorithm.ES384, JWSAlgorithm.RS256), JwtTokenVerifierTest::resolve);

    @Test
    void acceptsGoodTokensOfEachAllowedAlgorithm() throws Exception {
        for (String token : List.of(
                good(),
                token(JWSAlgorithm.ES384, "ec384", EC_384, good -> good),
                token(JWSAlgorithm.RS256, "rsa", RSA, good -> good))) {
            assertThat(verifier.verify(token))
                    .isEqualTo(new Authentication.Accepted(new WorkloadIdentity(
                            new PolicyId("agents", "p"), "sidecar-1", Instant.parse("2026-11-21T13:00:00Z"))));
        }
    }

    @Test
    @DisplayName("ID-02 no authorization, another scheme and Bearer without a token are UNAUTHENTICATED")
    void refusesHeadersWithoutABearerToken() throws Exception {
        for (@Nullable
        String header :
                new @Nullable String[] {null, "", "Basic x", "Bearer", "Bearer ", "Bearer   ", good(), "x" + good()}) {
            assertThat(code(verifier.verifyHeader(header))).isEqualTo("token_missing");
        }
        assertThat(code(verifier.verify(""))).isEqualTo("token_missing");

        assertThat(verifier.verifyHeader("Bearer " + good())).isInstanceOf(Authentication.Accepted.class);
        assertThat(verifier.verifyHeader("bearer " + good())).isInstanceOf(Authentication.Accepted.class);
    }

    @Test
    @DisplayName("ID-03 what is no JWT is UNAUTHENTICATED")
    void refusesWhatIsNoJwt() throws Exception {
        List<String> parts = List.of(good().split("\\.", -1));
        for (String token : List.of(
                "x",
                "..",
                "a.b.c",
                parts.get(0),
                parts.get(0) + "." + parts.get(1),
                parts.get(0) + "." + parts.get(1) + ".",
                "." + parts.get(1) + "." + parts.get(2),
                good() + "." + good(),
                base64("{}") + "." + parts.get(1) + "." + parts.get(2),
                base64("[1]") + "." + parts.get(1) + "." + parts.get(2),
                base64("{\"alg\":\"ES256\",\"alg\":\"none\"}") + "." + parts.get(1) + ".",
                "\u0000\ud800")) {
            assertThat(code(verifier.verify(token))).isIn("token_malformed", "signature_invalid", "key_unknown");
        }
        String notClaims = signed(JWSAlgorithm.ES256, "ec", EC, "[1]");
        assertThat(code(verifier.verify(notClaims))).isEqualTo("token_malformed");
    }

    @Test
    @DisplayName("ID-03 alg none is UNAUTHENTICATED, with and without a signature behind it")
    void refusesUnsignedTokens() throws Exception {
        String unsigned = new PlainJWT(claims(good -> good)).serialize();
        String signature = good().substring(good().lastIndexOf('.') + 1);

        for (String none : List.of("none", "None", "NONE", "nOnE")) {
            String header = base64("{\"alg\":\"" + none + "\",\"kid\":\"ec\"}");
            String payload = part(unsigned, 1);
            assertThat(code(verifier.verify(header + "." + payload + ".")))
                    .isIn("token_malformed", "algorithm_not_allowed");
            assertThat(code(verifier.verify(header + "." + payload + "." + signature)))
                    .isIn("token_malformed", "algorithm_not_allowed");
        }
        assertThat(code(verifier.verify(unsigned))).isEqualTo("token_malformed");
    }

    @Test
    @DisplayName("ID-03 HS256 signed with the public key is UNAUTHENTICATED")
    void refusesThePublicKeyAsASharedSecret() throws Exception {
        for (byte[] secret : List.of(
                EC.getPublic().getEncoded(),
                RSA.getPublic().getEncoded(),
                pem(EC.getPublic().getEncoded()),
                pem(RSA.getPublic().getEncoded()))) {
            for (String keyId : List.of("ec", "rsa")) {
                SignedJWT token = new SignedJWT(header(JWSAlgorithm.HS256, keyId), claims(good -> good));
                token.sign(new MACSigner(secret));

                assertThat(code(verifier.verify(token.serialize()))).isEqualTo("algorithm_not_allowed");
                // The attack is a real one: the signature is right for who takes the key as a secret.
                assertThat(token.verify(new MACVerifier(secret))).isTrue();
            }
        }
    }

    @Test
    void noOneCanAllowSymmetricOrMissingSignatures() {
        for (JWSAlgorithm algorithm : List.of(JWSAlgorithm.HS256, JWSAlgorithm.HS512, JWSAlgorithm.parse("none"))) {
            assertThatThrownBy(() -> new JwtRules(ISSUER, "a", Set.of(JWSAlgorithm.ES256, algorithm)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> new JwtRules(ISSUER, "a", Set.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @DisplayName("ID-03 an altered signature, header or payload is UNAUTHENTICATED")
    void refusesAlteredTokens() throws Exception {
        String good = good();
        for (int i = 0; i < good.length(); i += 3) {
            if (good.charAt(i) == '.') {
                continue;
            }
            // Another character of the same alphabet whose high bits differ, so that the last one changes bytes too.
            char other = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef".indexOf(good.charAt(i)) >= 0 ? 'x' : 'A';
            String altered = good.substring(0, i) + other + good.substring(i + 1);

            assertThat(verifier.verify(altered)).as(altered).isInstanceOf(Authentication.Refused.class);
        }
        String swapped = good.substring(0, good.lastIndexOf('.') + 1)
                + part(token(JWSAlgorithm.ES256, "ec", ATTACKERS, claims -> claims), 2);
        assertThat(code(verifier.verify(swapped))).isEqualTo("signature_invalid");
        assertThat(verifier.verify(good)).isInstanceOf(Authentication.Accepted.class);
    }

    @Test
    void refusesKeysThatAreNotTheIssuers() throws Exception {
        assertThat(code(verifier.verify(token(JWSAlgorithm.ES256, "other", EC, good -> good))))
                .isEqualTo("key_unknown");
        assertThat(code(verifier.verify(token(JWSAlgorithm.ES256, null, EC, good -> good))))
                .isEqualTo("key_unknown");
        assertThat(code(verifier.verify(token(JWSAlgorithm.ES256, "rsa", EC, good -> good))))
                .isEqualTo("algorithm_not_allowed");
        assertThat(code(verifier.verify(token(JWSAlgorithm.ES256, "ec384", EC, good -> good))))
                .isEqualTo("algorithm_not_allowed");
        assertThat(code(verifier.verify(token(JWSAlgorithm.RS512, "rsa", RSA, good -> good))))
                .isEqualTo("algorithm_not_allowed");
        // A token may bring a key along; it is not looked at.
        SignedJWT selfMade = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256)
                        .keyID("ec")
                        .jwk(new ECKey.Builder(Curve.P_256, (ECPublicKey) ATTACKERS.getPublic()).build())
                        .build(),
                claims(good -> good));
        selfMade.sign(new ECDSASigner((ECPrivateKey) ATTACKERS.getPrivate()));
        assertThat(code(verifier.verify(selfMade.serialize()))).isEqualTo("signature_invalid");
    }

    @Test
    void refusesCriticalExtensions() throws Exception {
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256)
                        .keyID("ec")
                        .criticalParams(Set.of("x"))
                        .customParam("x", true)
                        .build(),
                claims(good -> good));
        token.sign(new ECDSASigner((ECPrivateKey) EC.getPrivate()));

        assertThat(code(verifier.verify(token.serialize()))).isEqualTo("token_malformed");
    }

    @Test
    @DisplayName("ID-11 keys that cannot be read are UNAVAILABLE, and nothing is accepted unchecked")
    void unreadableKeysAreUnavailable() throws Exception {
        assertThat(verifier.verify(token(JWSAlgorithm.ES256, "away", EC, good -> good)))
                .isEqualTo(new Authentication.Refused(
                        Authentication.Kind.UNAVAILABLE, "keys_unavailable", "the keys cannot be read"));
    }

    @Test
    @DisplayName("ID-04 expired, not yet valid, for another audience and from another issuer are UNAUTHENTICATED")
    void refusesWrongClaims() throws Exception {
        Instant now = clock.instant();
        assertThat(code(with(c -> c.expirationTime(Date.from(now.minusSeconds(1))))))
                .isEqualTo("expired");
        assertThat(code(with(c -> c.expirationTime(Date.from(now))))).isEqualTo("expired");
        assertThat(code(with(c -> c.expirationTime(null)))).isEqualTo("expiry_missing");
        assertThat(code(with(c -> c.notBeforeTime(Date.from(now.plusSeconds(31))))))
                .isEqualTo("not_yet_valid");
        assertThat(code(with(c -> c.issueTime(Date.from(now.plusSeconds(31)))))).isEqualTo("not_yet_valid");
        assertThat(code(with(c -> c.audience("https://kubernetes.default.svc"))))
                .isEqualTo("audience");
        assertThat(code(with(c -> c.audience(List.of())))).isEqualTo("audience");
        assertThat(code(with(c -> c.audience("sallyport2")))).isEqualTo("audience");
        assertThat(code(with(c -> c.issuer("https://issuer.example/")))).isEqualTo("issuer");
        assertThat(code(with(c -> c.issuer(null)))).isEqualTo("issuer");
        assertThat(code(with(c -> c.claim("exp", "tomorrow")))).isEqualTo("token_malformed");
    }

    @Test
    void acceptsWhatIsJustInside() throws Exception {
        Instant now = clock.instant();
        assertThat(with(c -> c.expirationTime(Date.from(now.plusSeconds(1)))))
                .isInstanceOf(Authentication.Accepted.class);
        assertThat(with(c -> c.notBeforeTime(Date.from(now.plusSeconds(30)))))
                .isInstanceOf(Authentication.Accepted.class);
        assertThat(with(c -> c.notBeforeTime(null).issueTime(null))).isInstanceOf(Authentication.Accepted.class);
        assertThat(with(c -> c.audience(List.of("other", "sallyport")))).isInstanceOf(Authentication.Accepted.class);
    }

    @Test
    void refusesTokensThatAreTooLong() throws Exception {
        String longToken = token(JWSAlgorithm.ES256, "ec", EC, c -> c.claim("x", "y".repeat(JwtRules.MAX_LENGTH)));

        assertThat(code(verifier.verify(longToken))).isEqualTo("token_too_long");
        assertThat(with(c -> c.claim("x", "y".repeat(8000)))).isInstanceOf(Authentication.Accepted.class);
    }

    @Test
    void noRefusalHoldsTheToken() throws Exception {
        for (String token : List.of(
                good() + "x",
                new PlainJWT(claims(good -> good)).serialize(),
                "sk-secret-0123456789",
                token(JWSAlgorithm.ES256, "sk-secret-0123456789", EC, good -> good),
                base64("{\"alg\":\"sk-secret-0123456789\",\"kid\":\"ec\"}") + ".e30.AA",
                token(JWSAlgorithm.ES256, "ec", EC, c -> c.issuer("other")))) {
            Authentication answer = verifier.verify(token);

            assertThat(answer).isInstanceOf(Authentication.Refused.class);
            assertThat(answer.toString()).doesNotContain("sk-secret", token.substring(0, Math.min(token.length(), 12)));
        }
    }

    @Test
    void theResolverHasTheLastWord() throws Exception {
        Authentication no =
                new Authentication.Refused(Authentication.Kind.PERMISSION_DENIED, "pod_unknown", "no such Pod");

        assertThat(verifier(Set.of(JWSAlgorithm.ES256), claims -> no).verify(good()))
                .isEqualTo(no);
    }

    private TokenVerifier verifier(Set<JWSAlgorithm> algorithms, ClaimsResolver resolver) {
        return new JwtTokenVerifier(
                new JwtRules(ISSUER, JwtRules.AUDIENCE, algorithms),
                keyId -> keys.getOrDefault(keyId, new KeySource.Unknown()),
                resolver,
                clock);
    }

    private static Authentication resolve(TokenClaims claims) {
        PolicyId workload = new PolicyId("agents", claims.text("workload").orElseThrow());
        return new Authentication.Accepted(
                new WorkloadIdentity(workload, claims.text("sub").orElseThrow(), claims.expires()));
    }

    private String good() throws JOSEException {
        return token(JWSAlgorithm.ES256, "ec", EC, good -> good);
    }

    private Authentication with(UnaryOperator<JWTClaimsSet.Builder> change) throws JOSEException {
        return verifier.verify(token(JWSAlgorithm.ES256, "ec", EC, change));
    }

    private String token(
            JWSAlgorithm algorithm, @Nullable String keyId, KeyPair key, UnaryOperator<JWTClaimsSet.Builder> change)
            throws JOSEException {
        SignedJWT token = new SignedJWT(header(algorithm, keyId), claims(change));
        token.sign(signer(key));
        return token.serialize();
    }

    private static String signed(JWSAlgorithm algorithm, String keyId, KeyPair key, String payload)
            throws JOSEException {
        JWSObject token = new JWSObject(header(algorithm, keyId), new Payload(payload));
        token.sign(signer(key));
        return token.serialize();
    }

    private static JWSSigner signer(KeyPair key) throws JOSEException {
        return key.getPrivate() instanceof ECPrivateKey ec ? new ECDSASigner(ec) : new RSASSASigner(key.getPrivate());
    }

    private static JWSHeader header(JWSAlgorithm algorithm, @Nullable String keyId) {
        return new JWSHeader.Builder(algorithm).keyID(keyId).build();
    }

    private JWTClaimsSet claims(UnaryOperator<JWTClaimsSet.Builder> change) {
        Instant now = clock.instant();
        return change.apply(new JWTClaimsSet.Builder()
                        .issuer(ISSUER)
                        .audience("sallyport")
                        .subject("sidecar-1")
                        .claim("workload", "p")
                        .issueTime(Date.from(now))
                        .notBeforeTime(Date.from(now))
                        .expirationTime(Date.from(now.plusSeconds(3600))))
                .build();
    }

    private static String code(Authentication answer) {
        assertThat(answer).isInstanceOf(Authentication.Refused.class);
        Authentication.Refused refused = (Authentication.Refused) answer;
        assertThat(refused.kind()).isEqualTo(Authentication.Kind.UNAUTHENTICATED);
        return refused.code();
    }

    private static String part(String token, int number) {
        return token.split("\\.", -1)[number];
    }

    private static String base64(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] pem(byte[] der) {
        return ("-----BEGIN PUBLIC KEY-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                        + "\n-----END PUBLIC KEY-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static KeyPair ec(String curve) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(curve));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static KeyPair rsa() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
