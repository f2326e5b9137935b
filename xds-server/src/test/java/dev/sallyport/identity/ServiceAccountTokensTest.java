package dev.sallyport.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.sallyport.policy.Access;
import dev.sallyport.policy.Capture;
import dev.sallyport.policy.EgressPolicy;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.source.LabelledPod;
import dev.sallyport.testing.TestClock;
import java.io.IOException;
import java.time.Duration;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ServiceAccountTokensTest {
    private static final String ISSUER = "https://kubernetes.default.svc";
    private static final PolicyId WORKLOAD = new PolicyId("agents", "p");
    private static final ECKey EC = ec("ec");
    private static final RSAKey RSA = rsa("rsa");

    private final TestClock clock = TestClock.at("2026-11-21T12:00:00Z");
    private final FakePods pods = new FakePods();
    private final Map<PolicyId, EgressPolicy> policies = new HashMap<>();
    private final PodClaimsResolver resolver = new PodClaimsResolver(pods, id -> Optional.ofNullable(policies.get(id)));
    private JWKSet published = new JWKSet(List.<JWK>of(EC, RSA));
    private boolean readable = true;
    private int reads;
    private Optional<TokenReviews.Review> review = Optional.empty();
    private final ServiceAccountTokens tokens = new ServiceAccountTokens(
            new IssuerKeys(this::documents, clock), (token, audience) -> reviewed(), resolver, clock);

    @BeforeEach
    void aPodAndItsPolicy() {
        pods.put(FakePods.pod("a", "uid-1", "p", "worker"));
        policies.put(WORKLOAD, policy(List.of()));
    }

    @Test
    @DisplayName(
            "ID-01 a token of a live Pod with the label speaks for that Pod's workload, whatever key type signed it")
    void acceptsTokensOfLivePods() {
        for (JWK key : List.<JWK>of(EC, RSA)) {
            assertThat(tokens.verify(token(key, same -> same)))
                    .isEqualTo(new Authentication.Accepted(new WorkloadIdentity(
                            WORKLOAD, "a/uid-1", clock.instant().plusSeconds(3600))));
        }
        assertThat(reads).isEqualTo(1);
    }

    @Test
    @DisplayName("ID-05 a token without Pod claims, of a Pod without the label, of an unknown Pod is PERMISSION_DENIED")
    void refusesTokensThatNoLivePodHolds() {
        assertThat(denied(token(EC, claims -> claims.claim("kubernetes.io", null))))
                .isEqualTo("claims_missing");
        assertThat(denied(token(EC, claims -> claims.claim("kubernetes.io", Map.of("namespace", "agents")))))
                .isEqualTo("claims_missing");
        assertThat(denied(token(EC, claims -> claims.claim("kubernetes.io", "agents"))))
                .isEqualTo("claims_missing");
        assertThat(denied(token(EC, claims -> claims.subject("system:serviceaccount:agents:other"))))
                .isEqualTo("claims_missing");
        assertThat(denied(token(EC, claims -> claims.claim("kubernetes.io", bound("agents", "b", "uid-1", "worker")))))
                .isEqualTo("pod_unknown");
        assertThat(denied(token(
                        EC,
                        claims -> claims.subject("system:serviceaccount:other:worker")
                                .claim("kubernetes.io", bound("other", "a", "uid-1", "worker")))))
                .isEqualTo("pod_unknown");
        pods.put(FakePods.in(LabelledPod.State.ENDED, FakePods.pod("a", "uid-1", "p", "worker")));
        assertThat(denied(token(EC, same -> same))).isEqualTo("pod_ended");
        pods.put(FakePods.in(LabelledPod.State.ENDING, FakePods.pod("a", "uid-1", "p", "worker")));
        assertThat(tokens.verify(token(EC, same -> same))).isInstanceOf(Authentication.Accepted.class);
    }

    @Test
    @DisplayName("ID-06 a token of an earlier Pod of the same name is PERMISSION_DENIED")
    void refusesTokensOfAnEarlierPod() {
        pods.put(FakePods.pod("a", "uid-2", "p", "worker"));
        assertThat(denied(token(EC, same -> same))).isEqualTo("pod_replaced");
    }

    @Test
    @DisplayName("ID-07 a Pod that runs as a ServiceAccount which its policy does not list is PERMISSION_DENIED")
    void refusesServiceAccountsThatThePolicyDoesNotList() {
        policies.put(WORKLOAD, policy(List.of("x", "z")));
        assertThat(denied(token(EC, same -> same))).isEqualTo("service_account");
        policies.put(WORKLOAD, policy(List.of("worker")));
        assertThat(tokens.verify(token(EC, same -> same))).isInstanceOf(Authentication.Accepted.class);

        pods.put(FakePods.pod("a", "uid-1", "p", "root"));
        assertThat(denied(token(EC, same -> same))).isEqualTo("service_account");
    }

    @Test
    @DisplayName(
            "ID-10 who was accepted is not any more when the Pod is gone, replaced, ended, relabelled or not admitted")
    void tellsWhoWouldStillBeAccepted() {
        WorkloadIdentity identity = ((Authentication.Accepted) tokens.verify(token(EC, same -> same))).identity();
        assertThat(resolver.stillAdmits(identity)).isTrue();
        policies.put(WORKLOAD, policy(List.of("x")));
        assertThat(resolver.stillAdmits(identity)).isFalse();
        policies.clear();
        assertThat(resolver.stillAdmits(identity)).isTrue();
        for (LabelledPod other : List.of(
                FakePods.pod("a", "uid-2", "p", "worker"),
                FakePods.pod("a", "uid-1", "q", "worker"),
                FakePods.in(LabelledPod.State.ENDED, FakePods.pod("a", "uid-1", "p", "worker")))) {
            pods.put(other);
            assertThat(resolver.stillAdmits(identity)).as("%s", other).isFalse();
        }
        pods.remove("a");
        assertThat(resolver.stillAdmits(identity)).isFalse();
    }

    @Test
    void knowsNobodyBeforeThePodsWereListed() {
        pods.synced = false;
        assertThat(refused(token(EC, same -> same)).kind()).isEqualTo(Authentication.Kind.UNAVAILABLE);
    }

    @Test
    void readsTheKeysAgainForANewOneButNotForEveryOne() {
        assertThat(tokens.verify(token(EC, same -> same))).isInstanceOf(Authentication.Accepted.class);
        ECKey next = ec("next");
        published = new JWKSet(List.<JWK>of(next));
        String rotated = token(next, same -> same);
        assertThat(refused(rotated).code()).isEqualTo("key_unknown");
        clock.advance(IssuerKeys.PAUSE);
        assertThat(tokens.verify(rotated)).isInstanceOf(Authentication.Accepted.class);
        assertThat(refused(token(EC, same -> same)).code()).isEqualTo("key_unknown");
        assertThat(reads).isEqualTo(2);
        for (int i = 0; i < 100; i++) {
            assertThat(refused(token(ec("made-up-" + i), same -> same)).code()).isEqualTo("key_unknown");
        }
        assertThat(reads).isEqualTo(2);
    }

    @Test
    void aKeyThatWasTakenOutIsNotAcceptedForLong() {
        String token = token(
                EC, claims -> claims.expirationTime(Date.from(clock.instant().plusSeconds(36_000))));
        assertThat(tokens.verify(token)).isInstanceOf(Authentication.Accepted.class);
        published = new JWKSet(List.<JWK>of(RSA));
        clock.advance(IssuerKeys.REFRESH);
        assertThat(refused(token).code()).isEqualTo("key_unknown");
    }

    @Test
    @DisplayName(
            "ID-11 where the keys cannot be read the API server is asked, and where it does not answer nobody is accepted")
    void asksTheApiServerWhereTheKeysCannotBeRead() {
        readable = false;
        String token = token(EC, same -> same);
        assertThat(refused(token))
                .extracting(Authentication.Refused::kind, Authentication.Refused::code)
                .containsExactly(Authentication.Kind.UNAVAILABLE, "review_unavailable");
        review = Optional.of(answer(true, "sallyport", "worker"));
        assertThat(tokens.verify(token)).isInstanceOf(Authentication.Accepted.class);
        review = Optional.of(answer(false, "sallyport", "worker"));
        assertThat(refused(token).code()).isEqualTo("review_refused");
        review = Optional.of(answer(true, "other", "worker"));
        assertThat(refused(token).code()).isEqualTo("audience");
        review = Optional.of(answer(true, "sallyport", "another"));
        assertThat(refused(token).code()).isEqualTo("review_refused");
        review = Optional.of(answer(true, "sallyport", "worker"));
        pods.remove("a");
        assertThat(denied(token)).isEqualTo("pod_unknown");
        assertThat(refused("sk-secret-0123456789").code()).isEqualTo("token_malformed");
    }

    @Test
    @DisplayName("ID-11 keys that were read are good while the API server is away, but not for ever")
    void goesOnWithTheKeysThatWereReadForAWhile() {
        UnaryOperator<JWTClaimsSet.Builder> longLived =
                claims -> claims.expirationTime(Date.from(clock.instant().plusSeconds(36_000)));
        String token = token(EC, longLived);
        assertThat(tokens.verify(token)).isInstanceOf(Authentication.Accepted.class);
        readable = false;
        clock.advance(IssuerKeys.MAX_AGE.minusSeconds(1));
        assertThat(tokens.verify(token)).isInstanceOf(Authentication.Accepted.class);
        clock.advance(Duration.ofSeconds(1));
        assertThat(refused(token).code()).isEqualTo("review_unavailable");
        readable = true;
        clock.advance(IssuerKeys.PAUSE);
        assertThat(tokens.verify(token)).isInstanceOf(Authentication.Accepted.class);
    }

    private IssuerDocuments.Issuer documents() throws IOException {
        reads++;
        if (!readable) {
            throw new IOException("connection refused");
        }
        return new IssuerDocuments.Issuer(ISSUER, published.toPublicJWKSet().toString());
    }

    private TokenReviews.Review reviewed() throws IOException {
        return review.orElseThrow(() -> new IOException("connection refused"));
    }

    private static TokenReviews.Review answer(boolean authenticated, String audience, String serviceAccount) {
        return new TokenReviews.Review(
                authenticated, List.of(audience), "system:serviceaccount:agents:" + serviceAccount);
    }

    private String denied(String token) {
        Authentication.Refused refused = refused(token);
        assertThat(refused.kind()).as(refused.reason()).isEqualTo(Authentication.Kind.PERMISSION_DENIED);
        return refused.code();
    }

    private Authentication.Refused refused(String token) {
        Authentication answer = tokens.verify(token);
        assertThat(answer).isInstanceOf(Authentication.Refused.class);
        assertThat(answer.toString()).doesNotContain(token);
        return (Authentication.Refused) answer;
    }

    private static EgressPolicy policy(List<String> serviceAccounts) {
        return new EgressPolicy(
                WORKLOAD,
                Access.Restricted,
                Capture.Redirect,
                serviceAccounts,
                List.of(),
                List.of(),
                List.of(),
                Duration.ofHours(24));
    }

    private String token(JWK key, UnaryOperator<JWTClaimsSet.Builder> change) {
        JWTClaimsSet.Builder claims = new JWTClaimsSet.Builder()
                .issuer(ISSUER)
                .audience("sallyport")
                .subject("system:serviceaccount:agents:worker")
                .expirationTime(Date.from(clock.instant().plusSeconds(3600)))
                .claim("kubernetes.io", bound("agents", "a", "uid-1", "worker"));
        JWSAlgorithm algorithm = key instanceof RSAKey ? JWSAlgorithm.RS256 : JWSAlgorithm.ES256;
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(algorithm).keyID(key.getKeyID()).build(),
                change.apply(claims).build());
        try {
            token.sign(key instanceof RSAKey rsa ? new RSASSASigner(rsa) : new ECDSASigner((ECKey) key));
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
        return token.serialize();
    }

    private static Map<String, Object> bound(String namespace, String pod, String uid, String serviceAccount) {
        return Map.of(
                "namespace",
                namespace,
                "pod",
                Map.of("name", pod, "uid", uid),
                "serviceaccount",
                Map.of("name", serviceAccount, "uid", "sa-uid"));
    }

    private static ECKey ec(String id) {
        try {
            return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    private static RSAKey rsa(String id) {
        try {
            return new RSAKeyGenerator(2048).keyID(id).generate();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }
}
