package dev.sallyport.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.PolicyId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever was edited in whatever order, and whatever the clock did: once it has drained, a process holds what a fresh one would. */
class RandomEditsTest {
    private static final int EDITS = 120;
    private static final List<PolicyId> WORKLOADS =
            IntStream.range(0, 6).mapToObj(i -> new PolicyId("agents", "w" + i)).toList();
    private static final List<String> HOSTS =
            List.of("a.x.example", "b.x.example", "c.example", "*.x.example", "d.example");
    private static final List<String> SECRETS = List.of("s0", "s1", "s2");

    private final Loop loop = new Loop();
    private final Map<String, String> policies = new HashMap<>();
    private final Map<String, String> secrets = new HashMap<>();
    private final Map<PolicyId, WorkloadSnapshot> told = new HashMap<>();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    @DisplayName("after random edits a process holds what a fresh one would, and every watcher has the newest")
    void endsWhereAFreshProcessBegins(long seed) {
        Random random = new Random(seed);
        WORKLOADS.subList(0, 3).forEach(id -> loop.watch(id, snapshot -> told.put(id, snapshot)));
        for (int i = 0; i < EDITS; i++) {
            edit(random);
            loop.apply();
            loop.clock.advance(Duration.ofSeconds(random.nextInt(20) - 3));
            loop.look();
            told.forEach((id, snapshot) -> assertThat(snapshot).isSameAs(loop.snapshot(id)));
        }
        for (int i = 0; i < 4; i++) {
            loop.pass(Loop.DRAIN);
        }
        Loop fresh = new Loop();
        fresh.clock.set(loop.clock.instant());
        policies.forEach(fresh.source::policy);
        secrets.forEach(fresh.source::secret);
        fresh.apply();
        for (PolicyId id : WORKLOADS) {
            assertThat(loop.snapshot(id).revision())
                    .as("%s", id)
                    .isEqualTo(fresh.snapshot(id).revision());
        }
        assertThat(loop.report().status().workloads().keySet())
                .isEqualTo(fresh.report().status().workloads().keySet());
    }

    private void edit(Random random) {
        String name = WORKLOADS.get(random.nextInt(WORKLOADS.size())).name();
        String secret = SECRETS.get(random.nextInt(SECRETS.size()));
        switch (random.nextInt(6)) {
            case 0 -> {
                policies.remove(name);
                loop.source.remove(name + ".yaml");
            }
            case 1 -> {
                secrets.remove(secret);
                loop.source.removeSecret(secret);
            }
            case 2 -> {
                secrets.put(secret, "v" + random.nextInt(3) + (random.nextInt(5) == 0 ? "\t" : ""));
                loop.source.secret(secret, secrets.getOrDefault(secret, ""));
            }
            default -> {
                policies.put(name, spec(random));
                loop.source.policy(name, policies.getOrDefault(name, ""));
            }
        }
    }

    private static String spec(Random random) {
        if (random.nextInt(8) == 0) {
            return "hosts: [{host: 10.0.0.1}]";
        }
        List<String> entries = new ArrayList<>();
        for (String host : HOSTS) {
            switch (random.nextInt(4)) {
                case 0 -> entries.add("{host: \"" + host + "\", action: Deny}");
                case 1 -> entries.add("{host: \"" + host + "\", ports: [" + (random.nextBoolean() ? 443 : 8443) + "]}");
                case 2 -> {
                    String secret = SECRETS.get(random.nextInt(SECRETS.size()));
                    String credentials = host.startsWith("*")
                            ? ""
                            : ", credentials: [{header: x-key, valueFrom: {secretKeyRef: {name: " + secret
                                    + ", key: token}}}]";
                    entries.add("{host: \"" + host + "\"" + credentials + "}");
                }
                default -> {}
            }
        }
        return "hosts: [" + String.join(", ", entries) + "]";
    }
}
