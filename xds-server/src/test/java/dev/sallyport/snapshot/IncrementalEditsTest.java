package dev.sallyport.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.credential.CredentialLookup;
import dev.sallyport.credential.CredentialValue;
import dev.sallyport.credential.StoredSecret;
import dev.sallyport.credential.StoredSecrets;
import dev.sallyport.policy.NamespaceQuota;
import dev.sallyport.policy.ObjectName;
import dev.sallyport.policy.PolicyDocument;
import dev.sallyport.policy.PolicyDocuments;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.PolicyParser;
import dev.sallyport.source.SourceState;
import dev.sallyport.source.StoredConfigMap;
import dev.sallyport.source.StoredConfigMaps;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A loop that followed every change, object by object, holds and says what a fresh one does that is given everything at once. */
class IncrementalEditsTest {
    private static final int ROUNDS = 6;
    private static final int EDITS = 40;
    private static final String CROWD = "crowd";
    private static final List<PolicyId> WORKLOADS = IntStream.range(0, 8)
            .mapToObj(i -> new PolicyId("n" + i % 2, "w" + i))
            .toList();
    private static final List<String> OBJECTS = List.of("o0", "o1", "o2");

    private final Loop loop = new Loop();
    private final String ca = Loop.pki(5, loop.clock).cas().bundlePem(Loop.P);
    private final Map<PolicyId, PolicyDocument> policies = new TreeMap<>();
    private final SortedMap<String, StoredSecret> secrets = new TreeMap<>();
    private final SortedMap<String, StoredSecret> sharedSecrets = new TreeMap<>();
    private final SortedMap<String, StoredConfigMap> maps = new TreeMap<>();
    private SourceState state = SourceState.EMPTY;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    @DisplayName(
            "XDS-14 random changes of single objects end where a fresh process begins: revisions, bytes, problems, status")
    void endsWhereAFreshLoopBegins(long seed) {
        Random random = new Random(seed);
        WORKLOADS.subList(0, 4).forEach(id -> loop.watch(id, snapshot -> {}));
        for (int i = 0; i < NamespaceQuota.MAX; i++) {
            put(document(new PolicyId(CROWD, "p" + (100 + i)), ""));
        }
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < EDITS; i++) {
                edit(random);
                if (random.nextInt(3) > 0) {
                    loop.reconciler.accept(state, loop.clock.instant());
                    loop.clock.advance(Duration.ofSeconds(random.nextInt(12) - 2));
                }
            }
            loop.reconciler.accept(state, loop.clock.instant());
            for (int i = 0; i < 4; i++) {
                loop.pass(Loop.DRAIN);
            }
            compareWithAFreshLoop(random);
        }
    }

    private void compareWithAFreshLoop(Random random) {
        SourceState complete = complete(random);
        assertThat(state).isEqualTo(complete);
        Loop fresh = new Loop();
        fresh.clock.set(loop.clock.instant());
        fresh.reconciler.accept(complete, fresh.clock.instant());
        LoopStatus mine = loop.report().status();
        LoopStatus theirs = fresh.report().status();
        assertThat(mine.problems()).isEqualTo(theirs.problems());
        assertThat(mine.sourceProblems()).isEqualTo(theirs.sourceProblems());
        assertThat(says(mine)).isEqualTo(says(theirs));
        for (PolicyId id : WORKLOADS) {
            assertThat(contents(loop.snapshot(id))).as("%s", id).isEqualTo(contents(fresh.snapshot(id)));
        }
        assertThat(gauges(loop)).isEqualTo(gauges(fresh));
    }

    /** All of it, in another order than it came. */
    private SourceState complete(Random random) {
        List<PolicyDocument> documents = new ArrayList<>(policies.values());
        Collections.shuffle(documents, random);
        return new SourceState(
                new PolicyDocuments(documents, List.of()),
                StoredSecrets.of(secrets, sharedSecrets),
                StoredConfigMaps.of(maps, Map.of()),
                state.problems());
    }

    private static List<String> says(LoopStatus status) {
        return status.workloads().values().stream()
                .map(workload -> workload.id() + " " + workload.policy() + workload.problems() + workload.hosts()
                        + workload.credentials() + workload.trustedCas() + workload.publicRoots())
                .toList();
    }

    private static List<String> contents(PublishedSnapshot snapshot) {
        Stream<VersionedResource> leaves = secrets(snapshot, true);
        Stream<VersionedResource> others = Stream.of(
                        snapshot.clusters().values().stream(),
                        snapshot.listeners(SidecarPorts.DEFAULT).values().stream(),
                        snapshot.routes().values().stream(),
                        secrets(snapshot, false))
                .flatMap(resources -> resources);
        return Stream.of(
                        Stream.of(snapshot.revision()),
                        // Each process issues leaves of its own.
                        leaves.map(VersionedResource::toString),
                        others.map(resource -> resource + " " + resource.bytes().hashCode()))
                .flatMap(lines -> lines)
                .toList();
    }

    private static Stream<VersionedResource> secrets(PublishedSnapshot snapshot, boolean leaves) {
        return snapshot.secretNames().stream()
                .filter(name -> name.startsWith("leaf/") == leaves)
                .map(name -> snapshot.secret(name).orElseThrow());
    }

    private static List<Double> gauges(Loop loop) {
        return Stream.of("sallyport.workloads.accepted", "sallyport.workloads.rejected")
                .map(name -> loop.meters.get(name).gauge().value())
                .toList();
    }

    private void edit(Random random) {
        PolicyId id = WORKLOADS.get(random.nextInt(WORKLOADS.size()));
        String object = id.namespace() + "/" + OBJECTS.get(random.nextInt(OBJECTS.size()));
        switch (random.nextInt(9)) {
            case 0 -> remove(id);
            case 1 -> {
                secrets.remove(object);
                state = state.withoutSecret(ObjectName.parse(object));
            }
            case 2, 3 -> {
                StoredSecret secret = random.nextInt(6) == 0 ? StoredSecret.broken("no reason") : secret(random);
                secrets.put(object, secret);
                state = state.withSecret(ObjectName.parse(object), secret);
            }
            case 4 -> shareOrUnshare(random);
            case 5 -> {
                StoredConfigMap map =
                        StoredConfigMap.of(new TreeMap<>(Map.of("ca.pem", random.nextBoolean() ? ca : "none")));
                maps.put(object, map);
                state = state.withConfigMap(ObjectName.parse(object), map);
            }
            case 6 -> {
                PolicyId crowded = new PolicyId(CROWD, "p" + random.nextInt(500));
                if (random.nextInt(3) == 0) {
                    remove(crowded);
                } else {
                    put(document(crowded, ""));
                }
            }
            default -> put(document(id, hosts(random)));
        }
        if (random.nextInt(20) == 0) {
            state = state.withProblems(List.of("problem " + random.nextInt(3)));
        }
    }

    private void shareOrUnshare(Random random) {
        String name = OBJECTS.get(random.nextInt(OBJECTS.size()));
        if (random.nextBoolean()) {
            StoredSecret secret = secret(random);
            sharedSecrets.put(name, secret);
            state = state.withSecret(ObjectName.shared(name), secret);
        } else {
            sharedSecrets.remove(name);
            state = state.withoutSecret(ObjectName.shared(name));
        }
    }

    private void put(PolicyDocument document) {
        policies.put(document.id().orElseThrow(), document);
        state = state.withPolicy(document);
    }

    private void remove(PolicyId id) {
        policies.remove(id);
        state = state.withoutPolicy(id);
    }

    private static StoredSecret secret(Random random) {
        CredentialLookup value = new CredentialLookup.Found(
                CredentialValue.ofText("v" + random.nextInt(3) + (random.nextInt(5) == 0 ? "\t" : "")));
        return StoredSecret.of(new TreeMap<>(Map.of("token", value)));
    }

    private static String hosts(Random random) {
        List<String> entries = new ArrayList<>();
        for (String host : List.of("a.x.example", "b.example", "c.example", "10.0.0.1")) {
            String object = OBJECTS.get(random.nextInt(OBJECTS.size()));
            switch (random.nextInt(host.startsWith("10.") ? 30 : 5)) {
                case 0 -> entries.add("{host: " + host + ", ports: [" + (random.nextBoolean() ? 443 : 8443) + "]}");
                case 1 ->
                    entries.add("{host: " + host
                            + ", credentials: [{header: x-key, valueFrom: {secretKeyRef: {name: " + object
                            + ", key: token}}}]}");
                case 2 ->
                    entries.add(
                            "{host: " + host + ", trustedCa: {configMapKeyRef: {name: " + object + ", key: ca.pem}}}");
                case 3 -> entries.add("{host: \"*.x.example\"}".repeat(host.startsWith("a.") ? 1 : 0));
                default -> {}
            }
        }
        entries.removeIf(String::isEmpty);
        return String.join(", ", entries);
    }

    private static PolicyDocument document(PolicyId id, String hosts) {
        String yaml = """
                apiVersion: sallyport.dev/v1alpha1
                kind: EgressPolicy
                metadata: {name: %s, namespace: %s}
                spec: {hosts: [%s]}
                """.formatted(id.name(), id.namespace(), hosts);
        return PolicyParser.parse(id + ".yaml", yaml).policies().get(0);
    }
}
