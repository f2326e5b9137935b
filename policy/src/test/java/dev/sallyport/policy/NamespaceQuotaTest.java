package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class NamespaceQuotaTest {
    @Test
    void countsTheFirstOfEachNamespaceInTheOrderOfNamesAndTellsWhoMoved() {
        Random random = new Random(5);
        NamespaceQuota quota = new NamespaceQuota();
        TreeSet<PolicyId> all = new TreeSet<>();
        Set<PolicyId> beyond = new HashSet<>();
        for (int i = 0; i < 4_000; i++) {
            PolicyId id = new PolicyId("n" + random.nextInt(2), "p" + random.nextInt(300));
            Set<PolicyId> told = new HashSet<>(Set.of(id));
            if (random.nextInt(4) == 0) {
                all.remove(id);
                quota.remove(id, told::add);
            } else {
                all.add(id);
                quota.add(id, told::add);
            }
            Set<PolicyId> now = beyond(all);
            Set<PolicyId> moved = new HashSet<>(now);
            moved.removeAll(beyond);
            beyond.removeAll(now);
            moved.addAll(beyond);
            assertThat(told).containsAll(moved).hasSizeLessThanOrEqualTo(2);
            beyond = now;
            Set<PolicyId> exceeding = new HashSet<>(all);
            exceeding.removeIf(known -> !quota.exceededBy(known));
            assertThat(exceeding).isEqualTo(now);
        }
        assertThat(beyond).isNotEmpty();
    }

    private static Set<PolicyId> beyond(Set<PolicyId> all) {
        Set<PolicyId> beyond = new HashSet<>();
        for (String namespace : List.of("n0", "n1")) {
            List<PolicyId> own = new ArrayList<>(all);
            own.removeIf(id -> !id.namespace().equals(namespace));
            beyond.addAll(own.subList(Math.min(own.size(), NamespaceQuota.MAX), own.size()));
        }
        return beyond;
    }
}
