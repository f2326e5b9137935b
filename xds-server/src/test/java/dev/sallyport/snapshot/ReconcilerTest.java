package dev.sallyport.snapshot;

import static dev.sallyport.snapshot.Loop.DRAIN;
import static dev.sallyport.snapshot.Loop.P;
import static dev.sallyport.snapshot.Loop.Q;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.policy.PolicyId;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ReconcilerTest {
    private static final String CREDENTIAL =
            "credentials: [{header: x-api-key, valueFrom: {secretKeyRef: {name: api, key: token}}}]";

    private final Loop loop = new Loop();

    @Test
    void publishesWhatAPolicySays() {
        loop.source.policy("p", "hosts: [{host: a.example.com, ports: [443, 8443]}]");
        assertThat(loop.apply()).containsExactly(P);
        PublishedSnapshot snapshot = loop.snapshot(P);
        assertThat(snapshot.workload()).isEqualTo(P);
        assertThat(snapshot.listeners(SidecarPorts.DEFAULT))
                .containsOnlyKeys("capture", "proxy", "ready", "tls/443", "tls/8443");
        assertThat(snapshot.routes()).containsOnlyKeys("proxy", "tls/443", "tls/8443");
        assertThat(snapshot.secretNames()).containsExactly("leaf/a.example.com", "roots/public");
        assertThat(snapshot.secret("leaf/a.example.com")).isPresent();
        assertThat(snapshot.secret("leaf/b.example.com")).isEmpty();
        assertThat(proxyRoutes(P)).contains("a.example.com");
    }

    @Test
    @DisplayName("XDS-06 what compiles to the same content is not published")
    void staysSilentWhenNothingChanged() {
        loop.source.policy("p", "hosts: [{host: a.example.com}]");
        assertThat(loop.apply()).containsExactly(P);
        PublishedSnapshot before = loop.snapshot(P);
        loop.source.policy("p", "hosts: [{host: A.Example.Com., ports: [443], action: Allow}]");
        assertThat(loop.apply()).isEmpty();
        assertThat(loop.snapshot(P)).isSameAs(before);
        assertThat(loop.look()).isEmpty();
    }

    @Test
    @DisplayName("XDS-14 one workload of 1,000 changes: one snapshot is published, one workload translated")
    void publishesOneOfAThousand() {
        List<WorkloadSnapshot> told = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            String namespace = "n" + i % 10;
            loop.source.file(namespace + "-" + i + ".yaml", policy(namespace, "p" + i, "h" + i + ".example.com"));
            loop.watch(new PolicyId(namespace, "p" + i), told::add);
        }
        assertThat(loop.apply()).hasSize(1000);
        assertThat(told).hasSize(1000);
        assertThat(translations()).isEqualTo(1000);
        told.clear();
        loop.source.file("n7-777.yaml", policy("n7", "p777", "other.example.com"));
        assertThat(loop.apply()).containsExactly(new PolicyId("n7", "p777"));
        assertThat(told).singleElement().isSameAs(loop.snapshot(new PolicyId("n7", "p777")));
        assertThat(translations()).isEqualTo(1001);
    }

    @Test
    void translatesNothingForWorkloadsWhoseSidecarsAreNotHere() {
        loop.source.policy("p", "hosts: [{host: a.example.com}]").policy("q", "hosts: [{host: a.example.com}]");
        assertThat(loop.apply()).containsExactly(P, Q);
        assertThat(translations()).isZero();
        String revision = loop.snapshot(P).revision();
        assertThat(translations()).isEqualTo(1);
        assertThat(loop.snapshot(P).routes()).containsKey("proxy");
        assertThat(loop.snapshot(P).revision()).isEqualTo(revision);
        assertThat(translations()).isEqualTo(1);
    }

    @Test
    @DisplayName("XDS-06 sidecars are not told of a snapshot with equal content, though its sources differ")
    void staysSilentWhenTheContentIsEqual() {
        loop.watch(P, snapshot -> {});
        loop.source.secret("api", "sk-1");
        loop.source.policy("p", "hosts: [{host: a.example.com, " + CREDENTIAL + "}]");
        loop.apply();
        loop.source.secret("api", "sk-1\n");
        assertThat(loop.apply()).isEmpty();
        loop.source.secret("api", "sk-2\n");
        assertThat(loop.apply()).containsExactly(P);
    }

    @Test
    @DisplayName("DEC-11 the order of entries and documents changes nothing")
    void ignoresOrder() {
        List<String> entries = new ArrayList<>(List.of(
                "{host: a.example.com, " + CREDENTIAL + "}",
                "{host: \"*.example.com\"}",
                "{host: bad.example.com, action: Deny}",
                "{host: b.example.com, ports: [8443, 443]}",
                "{host: c.example.org, tls: Passthrough}"));
        loop.source.secret("api", "sk-1");
        loop.source.policy("p", "hosts: [" + String.join(", ", entries) + "]");
        loop.source.policy("q", "hosts: [{host: a.example.com}]");
        loop.apply();
        String revision = loop.snapshot(P).revision();
        Random random = new Random(11);
        for (int i = 0; i < 20; i++) {
            Collections.shuffle(entries, random);
            Loop other = new Loop();
            other.source.secret("api", "sk-1");
            other.source.policy("q", "hosts: [{host: a.example.com}]");
            other.source.policy("p", "hosts: [" + String.join(", ", entries) + "]");
            other.apply();
            assertThat(other.snapshot(P).revision()).isEqualTo(revision);
            assertThat(contents(other.snapshot(P))).isEqualTo(contents(loop.snapshot(P)));
        }
    }

    @Test
    void keysVersionsFromTheSeed() {
        Loop other = new Loop(2);
        for (Loop one : List.of(loop, other)) {
            one.source.policy("p", "hosts: [{host: a.example.com}]");
            one.apply();
        }
        assertThat(loop.snapshot(P).secret("roots/public").orElseThrow().version())
                .isNotEqualTo(
                        other.snapshot(P).secret("roots/public").orElseThrow().version());
    }

    @Test
    @DisplayName("DEC-07 a policy that stops compiling denies everything, says so, and hurts nobody else")
    void deniesEverythingForARejectedPolicy() {
        loop.source.policy("p", "hosts: [{host: a.example.com}]").policy("q", "hosts: [{host: a.example.com}]");
        loop.apply();
        loop.source.policy("p", "hosts: [{host: a.example.com}, {host: 10.0.0.1}]");
        assertThat(loop.apply()).containsExactly(P);
        assertThat(proxyRoutes(P)).doesNotContain("a.example.com").contains("is not accepted", "sallyport status");
        assertThat(proxyRoutes(Q)).contains("a.example.com");
        assertThat(loop.status(P).accepted()).isFalse();
        assertThat(loop.status(P).problems()).singleElement().asString().contains("p.yaml:", "spec.hosts[1].host");
        assertThat(loop.status(Q).accepted()).isTrue();
    }

    @Test
    void deniesEverythingForAWorkloadThatNoPolicyNames() {
        loop.source.policy("q", "hosts: [{host: a.example.com}]");
        loop.apply();
        assertThat(proxyRoutes(P)).contains("There is no EgressPolicy agents/p");
        assertThat(loop.snapshot(P).secretNames()).containsExactly("roots/public");
    }

    @Test
    void deniesEverythingForAWorkloadWhosePolicyIsDeleted() {
        loop.source.policy("p", "hosts: [{host: a.example.com}]");
        loop.apply();
        loop.source.remove("p.yaml");
        assertThat(loop.apply()).containsExactly(P);
        assertThat(proxyRoutes(P)).contains("There is no EgressPolicy agents/p").doesNotContain("a.example.com");
    }

    @Test
    void deniesEverythingUnderAccessThatHasNoSidecar() {
        loop.source.policy("p", "access: Unrestricted").policy("q", "access: None");
        loop.apply();
        assertThat(proxyRoutes(P)).contains("has access Unrestricted").contains("host_not_allowed");
        assertThat(proxyRoutes(Q)).contains("has access None");
        assertThat(loop.status(P).accepted()).isTrue();
    }

    @Test
    @DisplayName("DESIGN §4 access and capture of a workload that was seen cannot be changed: it denies everything")
    void deniesEverythingWhenAccessOrCaptureChanges() {
        loop.source.policy("p", "hosts: [{host: a.example.com}]").policy("q", "access: None");
        loop.apply();
        loop.source.policy("p", "capture: Proxy, hosts: [{host: a.example.com}]");
        loop.source.policy("q", "hosts: [{host: a.example.com}]");
        loop.apply();
        for (PolicyId id : List.of(P, Q)) {
            assertThat(proxyRoutes(id)).contains("was changed to").doesNotContain("a.example.com");
            assertThat(loop.status(id).accepted()).isFalse();
            assertThat(loop.status(id).problems()).singleElement().asString().contains("was changed to");
        }
        loop.source.remove("p.yaml");
        loop.apply();
        loop.source.policy("p", "capture: Proxy, hosts: [{host: a.example.com}]");
        loop.apply();
        assertThat(proxyRoutes(P)).contains("was changed to");

        loop.source.policy("p", "hosts: [{host: a.example.com}]");
        loop.apply();
        assertThat(proxyRoutes(P)).contains("a.example.com");
    }

    @Test
    @DisplayName("SEC-05 SEC-06 SEC-07 a missing Secret turns its host off and says why; made, it works")
    void turnsAHostWithoutItsSecretOff() {
        loop.source.policy("p", "hosts: [{host: a.example.com, " + CREDENTIAL + "}, {host: b.example.com}]");
        loop.apply();
        String name = "credential/a.example.com/x-api-key";
        assertThat(loop.snapshot(P).secretNames()).contains(name);
        assertThat(loop.snapshot(P).isTombstone(name)).isTrue();
        assertThat(secret(P, name).getGenericSecret().getSecret().getInlineBytes())
                .isEmpty();
        assertThat(routes(P, "tls/443")).contains("credential_unavailable");
        assertThat(loop.status(P).credentials()).singleElement().satisfies(credential -> {
            assertThat(credential.host()).isEqualTo("a.example.com");
            assertThat(credential.header()).isEqualTo("x-api-key");
            assertThat(credential.secret())
                    .hasValueSatisfying(key -> assertThat(key.name()).isEqualTo("api"));
            assertThat(credential.reason()).isEqualTo("Secret agents/api does not exist");
        });

        loop.source.secret("api", "sk-1\n");
        assertThat(loop.apply()).containsExactly(P);
        assertThat(loop.snapshot(P).isTombstone(name)).isFalse();
        assertThat(secret(P, name)
                        .getGenericSecret()
                        .getSecret()
                        .getInlineBytes()
                        .toStringUtf8())
                .isEqualTo("sk-1");
        assertThat(routes(P, "tls/443")).doesNotContain("credential_unavailable");
        assertThat(loop.status(P).credentials()).isEmpty();
    }

    @Test
    @DisplayName("SEC-08 XDS-11 a deleted Secret becomes a tombstone, the same as of one that was never there")
    void leavesATombstone() {
        loop.source.policy("p", "hosts: [{host: a.example.com, " + CREDENTIAL + "}]");
        loop.apply();
        String never = version(P, "credential/a.example.com/x-api-key");
        loop.source.secret("api", "sk-1");
        loop.apply();
        loop.source.removeSecret("api");
        assertThat(loop.apply()).containsExactly(P);
        assertThat(loop.snapshot(P).isTombstone("credential/a.example.com/x-api-key"))
                .isTrue();
        assertThat(version(P, "credential/a.example.com/x-api-key")).isEqualTo(never);
    }

    @Test
    @DisplayName("SEC-09 XDS-10 a changed Secret changes one secret and touches nothing else")
    void changesOneSecretOnly() {
        loop.watch(P, snapshot -> {});
        loop.source.secret("api", "sk-1").secret("other", "sk-9");
        loop.source.policy("p", "hosts: [{host: a.example.com, " + CREDENTIAL + "}, {host: b.example.com}]");
        loop.source.policy("q", "hosts: [{host: a.example.com}]");
        loop.apply();
        PublishedSnapshot before = loop.snapshot(P);
        loop.source.secret("api", "sk-2");
        assertThat(loop.apply()).containsExactly(P);
        PublishedSnapshot after = loop.snapshot(P);
        assertThat(after.clusters()).isEqualTo(before.clusters());
        assertThat(after.routes()).isEqualTo(before.routes());
        assertThat(after.listeners(SidecarPorts.DEFAULT)).isSameAs(before.listeners(SidecarPorts.DEFAULT));
        assertThat(changedSecrets(before, after)).containsExactly("credential/a.example.com/x-api-key");
        loop.source.secret("other", "sk-8");
        assertThat(loop.apply()).isEmpty();
    }

    @Test
    @DisplayName("SEC-10 one of two credentials is unusable: the host is off")
    void turnsAHostWithHalfItsCredentialsOff() {
        loop.source.secret("api", "sk-1");
        loop.source.policy(
                "p",
                "hosts: [{host: a.example.com, credentials: ["
                        + "{header: x-api-key, valueFrom: {secretKeyRef: {name: api, key: token}}}, "
                        + "{header: x-other, valueFrom: {secretKeyRef: {name: api, key: none}}}]}]");
        loop.apply();
        assertThat(routes(P, "tls/443")).contains("credential_unavailable");
        assertThat(loop.status(P).credentials()).singleElement().asString().contains("x-other", "has no key none");
    }

    @Test
    void refusesHostsWhoseOwnCaCannotBeUsed() {
        loop.source.policy(
                "p", "hosts: [{host: a.example.com, trustedCa: {configMapKeyRef: {name: roots, key: ca.pem}}}]");
        loop.apply();
        assertThat(routes(P, "tls/443")).contains("upstream_untrusted");
        assertThat(loop.status(P).trustedCas()).singleElement().asString().contains("agents/roots", "does not exist");
        loop.source.configMap("roots", "ca.pem", "no certificate");
        loop.apply();
        assertThat(loop.status(P).trustedCas()).singleElement().asString().contains("holds no CA certificate");
        loop.source.configMap("roots", "ca.pem", Loop.pki(5, loop.clock).cas().bundlePem(P));
        assertThat(loop.apply()).containsExactly(P);
        assertThat(loop.status(P).trustedCas()).isEmpty();
        assertThat(routes(P, "tls/443")).doesNotContain("upstream_untrusted");
    }

    @Test
    @DisplayName("DEC-10 a removed host is refused on open connections for the drain time, then forgotten")
    void refusesALeavingHost() {
        loop.source.policy("p", "hosts: [{host: a.example.com}, {host: b.example.com, ports: [8443]}]");
        loop.apply();
        loop.source.policy("p", "hosts: [{host: a.example.com}]");
        loop.apply();
        assertThat(routes(P, "tls/8443")).contains("b.example.com", "host_not_allowed");
        assertThat(proxyRoutes(P)).doesNotContain("b.example.com");
        assertThat(loop.pass(DRAIN.minusSeconds(1))).isEmpty();
        assertThat(loop.reconciler.next()).contains(loop.clock.instant().plusSeconds(1));
        assertThat(loop.pass(Duration.ofSeconds(1))).containsExactly(P);
        assertThat(routes(P, "tls/8443")).doesNotContain("b.example.com");
        assertThat(loop.pass(DRAIN)).containsExactly(P);
        assertThat(loop.snapshot(P).routes()).containsOnlyKeys("proxy", "tls/443");

        Loop fresh = new Loop();
        fresh.clock.set(loop.clock.instant());
        fresh.source.policy("p", "hosts: [{host: a.example.com}]");
        fresh.apply();
        assertThat(loop.snapshot(P).revision()).isEqualTo(fresh.snapshot(P).revision());
    }

    @Test
    void forgetsWorkloadsThatNobodyNeeds() {
        loop.source.policy("p", "hosts: [{host: a.example.com}]");
        loop.apply();
        loop.source.remove("p.yaml");
        loop.apply();
        loop.pass(DRAIN);
        loop.pass(DRAIN);
        loop.look();
        assertThat(loop.store.newest(P)).isEmpty();
        Loop fresh = new Loop();
        fresh.clock.set(loop.clock.instant());
        fresh.apply();
        assertThat(loop.snapshot(P).revision()).isEqualTo(fresh.snapshot(P).revision());
    }

    @Test
    void tellsASidecarThatCameBeforeItsPolicy() {
        loop.apply();
        List<WorkloadSnapshot> told = new ArrayList<>();
        var watch = loop.store.watch(P, told::add);
        PublishedSnapshot before = loop.snapshot(P);
        assertThat(loop.look()).isEmpty();
        assertThat(loop.snapshot(P)).isSameAs(before);
        loop.source.policy("p", "hosts: [{host: a.example.com}]");
        loop.apply();
        assertThat(told).containsExactly(loop.snapshot(P));
        watch.close();
        loop.source.policy("p", "hosts: [{host: b.example.com}]");
        loop.apply();
        assertThat(told).hasSize(1);
    }

    @Test
    void sharesEqualResourcesBetweenWorkloads() {
        loop.source.policy("p", "hosts: [{host: a.example.com}]").policy("q", "hosts: [{host: b.example.com}]");
        loop.apply();
        assertThat(loop.snapshot(P).clusters().get("public"))
                .isSameAs(loop.snapshot(Q).clusters().get("public"));
        assertThat(loop.snapshot(P).secret("roots/public"))
                .isEqualTo(loop.snapshot(Q).secret("roots/public"));
    }

    private double translations() {
        return loop.meters.get("sallyport.translations").timer().count();
    }

    private String proxyRoutes(PolicyId id) {
        return routes(id, "proxy");
    }

    private String routes(PolicyId id, String name) {
        VersionedResource resource = loop.snapshot(id).routes().get(name);
        return resource == null
                ? ""
                : unpack(resource, RouteConfiguration.class).toString();
    }

    private Secret secret(PolicyId id, String name) {
        return unpack(loop.snapshot(id).secret(name).orElseThrow(), Secret.class);
    }

    private String version(PolicyId id, String name) {
        return loop.snapshot(id).secret(name).orElseThrow().version();
    }

    private static List<String> changedSecrets(PublishedSnapshot before, PublishedSnapshot after) {
        return after.secretNames().stream()
                .filter(name -> !before.secret(name)
                        .map(VersionedResource::version)
                        .equals(after.secret(name).map(VersionedResource::version)))
                .toList();
    }

    /** Names and bytes of everything but leaves, which are issued anew by each process. */
    private static String contents(PublishedSnapshot snapshot) {
        return Stream.of(
                        snapshot.clusters().values().stream(),
                        snapshot.listeners(SidecarPorts.DEFAULT).values().stream(),
                        snapshot.routes().values().stream(),
                        snapshot.secretNames().stream()
                                .filter(name -> !name.startsWith("leaf/"))
                                .map(name -> snapshot.secret(name).orElseThrow()))
                .flatMap(resources -> resources)
                .map(resource -> resource.name() + "@" + resource.version() + "="
                        + resource.bytes().hashCode())
                .collect(Collectors.joining("\n"));
    }

    private static <M extends Message> M unpack(VersionedResource resource, Class<M> type) {
        try {
            Resource envelope = Resource.parseFrom(resource.bytes());
            assertThat(envelope.getName()).isEqualTo(resource.name());
            assertThat(envelope.getVersion()).isEqualTo(resource.version());
            return envelope.getResource().unpack(type);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private static String policy(String namespace, String name, String host) {
        return """
                apiVersion: sallyport.dev/v1alpha1
                kind: EgressPolicy
                metadata: {name: %s, namespace: %s}
                spec: {hosts: [{host: %s}]}
                """.formatted(name, namespace, host);
    }
}
