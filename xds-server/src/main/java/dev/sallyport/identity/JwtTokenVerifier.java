package dev.sallyport.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.sallyport.pki.P256PublicKey;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.Clock;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Verifies signed JSON Web Tokens (RFC 7519, and RFC 8725 in what it asks for): the form, then the signature, then issuer, audience and times, and only then what they claim. Where keys are from, and what claims mean, is
 * given. Thread-safe.
 */
public final class JwtTokenVerifier implements TokenVerifier {
    /** The code of a refusal because the keys cannot be read. */
    static final String KEYS_UNAVAILABLE = "keys_unavailable";

    private final JwtRules rules;
    private final KeySource keys;
    private final ClaimsResolver resolver;
    private final Clock clock;

    public JwtTokenVerifier(JwtRules rules, KeySource keys, ClaimsResolver resolver, Clock clock) {
        this.rules = rules;
        this.keys = keys;
        this.resolver = resolver;
        this.clock = clock;
    }

    @Override
    public Authentication verify(String token) {
        try {
            return resolver.resolve(verified(token));
        } catch (Refusal refusal) {
            return refusal.authentication();
        }
    }

    private TokenClaims verified(String token) throws Refusal {
        if (token.isEmpty()) {
            throw new Refusal("token_missing", "there is no token");
        }
        if (token.length() > JwtRules.MAX_LENGTH) {
            throw new Refusal(
                    "token_too_long", token.length() + " characters (expected: at most " + JwtRules.MAX_LENGTH + ")");
        }
        SignedJWT jwt = parse(token);
        requireSignature(jwt);
        return claims(jwt);
    }

    private static SignedJWT parse(String token) throws Refusal {
        try {
            return SignedJWT.parse(token);
        } catch (ParseException | IllegalArgumentException e) {
            // Also for alg "none", which is no JWS. The exception's text may quote the token.
            throw new Refusal("token_malformed", "not a signed JSON Web Token");
        }
    }

    private void requireSignature(SignedJWT jwt) throws Refusal {
        JWSAlgorithm algorithm = jwt.getHeader().getAlgorithm();
        if (!rules.algorithms().contains(algorithm)) {
            throw new Refusal("algorithm_not_allowed", "its algorithm is not one of " + rules.algorithms());
        }
        if (!isEmpty(jwt.getHeader().getCriticalParams())) {
            throw new Refusal("token_malformed", "its crit names extensions (expected: none)");
        }
        PublicKey key = key(jwt.getHeader().getKeyID());
        try {
            JWSVerifier verifier = verifier(key);
            if (!verifier.supportedJWSAlgorithms().contains(algorithm)) {
                throw new Refusal("algorithm_not_allowed", algorithm + " does not go with the key that it names");
            }
            if (!jwt.verify(verifier)) {
                throw new Refusal("signature_invalid", "its signature is not that of the key that it names");
            }
        } catch (JOSEException e) {
            throw new Refusal("signature_invalid", "its signature cannot be verified");
        }
    }

    private static boolean isEmpty(@Nullable Set<String> names) {
        return names == null || names.isEmpty();
    }

    private PublicKey key(@Nullable String keyId) throws Refusal {
        if (keyId == null) {
            throw new Refusal("key_unknown", "it names no key (expected: kid)");
        }
        KeySource.Lookup lookup = keys.find(keyId);
        if (lookup instanceof KeySource.Found found) {
            return found.key();
        }
        if (lookup instanceof KeySource.Unavailable unavailable) {
            throw new Refusal(Authentication.Kind.UNAVAILABLE, KEYS_UNAVAILABLE, unavailable.reason());
        }
        throw new Refusal("key_unknown", "it names a key that the issuer does not have");
    }

    private static JWSVerifier verifier(PublicKey key) throws JOSEException {
        if (key instanceof ECPublicKey ec) {
            return P256PublicKey.isOnCurve(ec) ? new Es256Verifier(ec) : new ECDSAVerifier(ec);
        }
        if (key instanceof RSAPublicKey rsa) {
            return new RSASSAVerifier(rsa);
        }
        throw new JOSEException("a key of type " + key.getAlgorithm());
    }

    private TokenClaims claims(SignedJWT jwt) throws Refusal {
        JWTClaimsSet claims;
        try {
            claims = jwt.getJWTClaimsSet();
        } catch (ParseException e) {
            throw new Refusal("token_malformed", "its claims are not as RFC 7519 has them");
        }
        requireIssuerAndAudience(claims.getIssuer(), claims.getAudience());
        Instant expires = requireTimes(claims);
        return new TokenClaims(expires, claims.getClaims());
    }

    private void requireIssuerAndAudience(@Nullable String issuer, List<String> audience) throws Refusal {
        if (!rules.issuer().equals(issuer)) {
            throw new Refusal("issuer", "iss: " + issuer + " (expected: " + rules.issuer() + ")");
        }
        if (!audience.contains(rules.audience())) {
            throw new Refusal("audience", "aud: " + audience + " (expected: " + rules.audience() + ")");
        }
    }

    private Instant requireTimes(JWTClaimsSet claims) throws Refusal {
        Instant now = clock.instant();
        requireBegun("nbf", claims.getNotBeforeTime(), now);
        requireBegun("iat", claims.getIssueTime(), now);
        Date expires = claims.getExpirationTime();
        if (expires == null) {
            throw new Refusal("expiry_missing", "it never expires (expected: exp)");
        }
        if (!now.isBefore(expires.toInstant())) {
            throw new Refusal("expired", "exp: " + expires.toInstant() + " (now: " + now + ")");
        }
        return expires.toInstant();
    }

    private static void requireBegun(String claim, @Nullable Date time, Instant now) throws Refusal {
        if (time != null && time.toInstant().isAfter(now.plus(JwtRules.MAX_SKEW))) {
            throw new Refusal("not_yet_valid", claim + ": " + time.toInstant() + " (now: " + now + ")");
        }
    }

    /** A refusal on its way out; without a stack trace, since anybody can cause one. */
    private static final class Refusal extends Exception {
        private final transient Authentication.Refused authentication;

        Refusal(String code, String reason) {
            this(Authentication.Kind.UNAUTHENTICATED, code, reason);
        }

        Refusal(Authentication.Kind kind, String code, String reason) {
            super(reason, null, false, false);
            this.authentication = new Authentication.Refused(kind, code, reason);
        }

        Authentication authentication() {
            return authentication;
        }
    }
}
