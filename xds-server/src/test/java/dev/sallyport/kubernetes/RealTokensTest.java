package dev.sallyport.kubernetes;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.identity.Authentication;
import dev.sallyport.identity.IssuerDocuments;
import dev.sallyport.identity.IssuerKeys;
import dev.sallyport.identity.PodClaimsResolver;
import dev.sallyport.identity.ServiceAccountTokens;
import dev.sallyport.identity.TokenReviews;
import dev.sallyport.policy.EgressPolicy;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.PolicyParser;
import dev.sallyport.source.kubernetes.ApiServer;
import dev.sallyport.source.kubernetes.KubernetesPods;
import dev.sallyport.source.kubernetes.SourceHealth;
import dev.sallyport.source.kubernetes.SourceThread;
import dev.sallyport.testing.TestClock;
import dev.sallyport.testing.kubernetes.ApiReply;
import dev.sallyport.testing.kubernetes.KubernetesCluster;
import dev.sallyport.testing.kubernetes.KubernetesOptions;
import dev.sallyport.testing.kubernetes.SigningKey;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tokens that a real API server signs, verified with the rights that the product is installed with. */
class RealTokensTest {
    private static final Path ROOT = Path.of(System.getProperty("basedir", ".")).resolve("..");

    private static KubernetesCluster cluster;
    private static Config product;

    private final TestClock clock = new TestClock(Instant.now());
    private final ApiServer server = newServer();
    private final SourceThread thread = new SourceThread(Clock.systemUTC());
    private final KubernetesPods pods = new KubernetesPods(server, thread, new SourceHealth(Clock.systemUTC()));
    private final Map<PolicyId, EgressPolicy> policies = new ConcurrentHashMap<>();
    private final PodClaimsResolver resolver = new PodClaimsResolver(pods, id -> Optional.ofNullable(policies.get(id)));
    /** By the keys alone: no review makes up for them. */
    private final ServiceAccountTokens tokens = tokens(new ApiServerIssuer(server), (token, audience) -> {
        throw new IOException("no reviews today");
    });

    private String namespace = "";

    private static ApiServer newServer() {
        return ApiServer.of(product);
    }

    @BeforeAll
    static void start() {
        cluster = KubernetesCluster.start(KubernetesOptions.DEFAULT);
        cluster.apply(ROOT.resolve("manifests/system/namespace.yaml"), ROOT.resolve("manifests/system/rbac.yaml"));
        product = cluster.serviceAccount("sallyport-system", "sallyport-xds-server");
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @BeforeEach
    void begin() {
        namespace = cluster.namespace(getClass());
        pods.start();
        create("a", "\"sallyport.dev/policy\": \"p\"");
        eventually(() -> assertThat(pods.find(namespace, "a")).isPresent());
    }

    @AfterEach
    void close() {
        pods.close();
        thread.close();
        server.close();
    }

    private ServiceAccountTokens tokens(IssuerDocuments documents, TokenReviews reviews) {
        return new ServiceAccountTokens(new IssuerKeys(documents, clock), reviews, resolver, clock);
    }

    private static IssuerDocuments unreadable() {
        return () -> {
            throw new IOException("no keys today");
        };
    }

    private void create(String name, String labels) {
        ApiReply reply = cluster.send(
                "POST", "/api/v1/namespaces/" + namespace + "/pods", "application/json", """
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "%s", "labels": {%s}},
                 "spec": {"containers": [{"name": "app", "image": "app"}]}}
                """.formatted(name, labels));
        assertThat(reply.status()).as(reply.body()).isEqualTo(201);
    }

    private void delete(String name) {
        ApiReply reply = cluster.send(
                "DELETE",
                "/api/v1/namespaces/" + namespace + "/pods/" + name,
                "application/json",
                "{\"gracePeriodSeconds\": 0}");
        assertThat(reply.status()).isEqualTo(200);
    }

    private String token(String pod) {
        return token(new TokenRequestBuilder()
                .withNewSpec()
                .withAudiences("sallyport")
                .withExpirationSeconds(600L)
                .withNewBoundObjectRef("v1", "Pod", pod, null)
                .endSpec()
                .build());
    }

    private String token(TokenRequest request) {
        return cluster.client()
                .serviceAccounts()
                .inNamespace(namespace)
                .withName("default")
                .tokenRequest(request)
                .getStatus()
                .getToken();
    }

    private void accepts(ServiceAccountTokens verifier, String token) {
        Authentication answer = verifier.verify(token);
        assertThat(answer).as("%s", answer).isInstanceOf(Authentication.Accepted.class);
        assertThat(((Authentication.Accepted) answer).identity().workload()).isEqualTo(new PolicyId(namespace, "p"));
    }

    private Authentication.Refused refusal(ServiceAccountTokens verifier, String token) {
        Authentication answer = verifier.verify(token);
        assertThat(answer).isInstanceOf(Authentication.Refused.class);
        assertThat(answer.toString()).doesNotContain(token);
        return (Authentication.Refused) answer;
    }

    private String denied(String token) {
        Authentication.Refused refused = refusal(tokens, token);
        assertThat(refused.kind()).isEqualTo(Authentication.Kind.PERMISSION_DENIED);
        return refused.code();
    }

    @Test
    @DisplayName(
            "ID-01 a token of a live Pod with the label is accepted, whatever key type the API server signs with, and after its keys were rotated")
    void acceptsRealTokensOverKeyRotation() {
        String rsa = token("a");
        accepts(tokens, rsa);
        cluster.newTokenKey(SigningKey.EC);
        cluster.apiServer().restart();
        String ec = token("a");
        assertThat(ec.substring(0, ec.indexOf('.'))).isNotEqualTo(rsa.substring(0, rsa.indexOf('.')));
        // The key that nobody has read yet makes the keys be read, not sooner than 10 s after the last time.
        clock.advance(Duration.ofSeconds(11));
        accepts(tokens, ec);
        accepts(tokens, rsa);
    }

    @Test
    @DisplayName(
            "ID-05 a token that is bound to no Pod, to one without the label, to one that is not known is PERMISSION_DENIED")
    void refusesTokensOfNoPodWithTheLabel() {
        String unbound = token(new TokenRequestBuilder()
                .withNewSpec()
                .withAudiences("sallyport")
                .endSpec()
                .build());
        assertThat(denied(unbound)).isEqualTo("claims_missing");
        create("plain", "\"app\": \"x\"");
        assertThat(denied(token("plain"))).isEqualTo("pod_unknown");
        String ofLater = token("a");
        delete("a");
        eventually(() -> assertThat(pods.find(namespace, "a")).isEmpty());
        assertThat(denied(ofLater)).isEqualTo("pod_unknown");
    }

    @Test
    @DisplayName("ID-06 a token of an earlier Pod of the same name is PERMISSION_DENIED")
    void refusesTheTokenOfAnEarlierPod() {
        String earlier = token("a");
        String uid = pods.find(namespace, "a").orElseThrow().uid();
        delete("a");
        create("a", "\"sallyport.dev/policy\": \"p\"");
        eventually(() -> assertThat(
                        pods.find(namespace, "a").filter(pod -> !pod.uid().equals(uid)))
                .isPresent());
        assertThat(denied(earlier)).isEqualTo("pod_replaced");
        accepts(tokens, token("a"));
    }

    @Test
    @DisplayName("ID-07 a Pod that runs as a ServiceAccount which its policy does not list is PERMISSION_DENIED")
    void refusesServiceAccountsThatThePolicyDoesNotList() {
        admit("x");
        assertThat(denied(token("a"))).isEqualTo("service_account");
        admit("default");
        accepts(tokens, token("a"));
    }

    private void admit(String serviceAccount) {
        PolicyId id = new PolicyId(namespace, "p");
        policies.put(
                id,
                PolicyParser.parse("test", """
                        {"apiVersion": "sallyport.dev/v1alpha1", "kind": "EgressPolicy",
                         "metadata": {"namespace": "%s", "name": "p"}, "spec": {"serviceAccounts": ["%s"]}}
                        """.formatted(namespace, serviceAccount))
                        .policies()
                        .get(0)
                        .policy()
                        .orElseThrow());
    }

    @Test
    @DisplayName("ID-10 who was accepted is not admitted any more when the Pod is gone, and its token is refused")
    void admitsNobodyWhosePodIsGone() {
        String token = token("a");
        Authentication.Accepted accepted = (Authentication.Accepted) tokens.verify(token);
        assertThat(resolver.stillAdmits(accepted.identity())).isTrue();
        delete("a");
        eventually(() -> assertThat(resolver.stillAdmits(accepted.identity())).isFalse());
        assertThat(denied(token)).isEqualTo("pod_unknown");
    }

    @Test
    @DisplayName(
            "ID-11 where the keys cannot be read TokenReview decides, and where that fails too nobody is accepted: UNAVAILABLE")
    void asksTheApiServerWhereItsKeysCannotBeRead() {
        ServiceAccountTokens reviewed = tokens(unreadable(), new ApiServerTokenReviews(server));
        String token = token("a");
        accepts(reviewed, token);
        String forOthers = token(new TokenRequestBuilder()
                .withNewSpec()
                .withNewBoundObjectRef("v1", "Pod", "a", null)
                .endSpec()
                .build());
        assertThat(refusal(reviewed, forOthers).kind()).isEqualTo(Authentication.Kind.UNAUTHENTICATED);
        String altered = token.substring(0, token.length() - 8) + "AAAAAAAA";
        assertThat(refusal(reviewed, altered).kind()).isEqualTo(Authentication.Kind.UNAUTHENTICATED);
        try (ApiServer stranger = ApiServer.of(cluster.serviceAccount(namespace, "stranger"))) {
            ServiceAccountTokens none = tokens(unreadable(), new ApiServerTokenReviews(stranger));
            assertThat(refusal(none, token).kind()).isEqualTo(Authentication.Kind.UNAVAILABLE);
            assertThatThrownBy(() -> new ApiServerTokenReviews(stranger).review(token, "sallyport"))
                    .isInstanceOf(IOException.class)
                    .hasMessage("it answers with status 403")
                    .hasNoCause();
        }
    }

    @Test
    @DisplayName("ID-11 an API server that is away: UNAVAILABLE, in words that do not hold the token")
    void isUnavailableWithoutTheApiServer() {
        String token = token("a");
        cluster.apiServer().kill();
        try {
            assertThat(refusal(tokens, token).kind()).isEqualTo(Authentication.Kind.UNAVAILABLE);
            assertThatThrownBy(() -> new ApiServerIssuer(server).read())
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith(
                            "cannot read /.well-known/openid-configuration of the API server: no answer");
        } finally {
            cluster.apiServer().start();
        }
        clock.advance(Duration.ofSeconds(11));
        accepts(tokens, token);
    }
}
