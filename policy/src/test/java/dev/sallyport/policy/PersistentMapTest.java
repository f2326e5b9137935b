package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PersistentMapTest {
    /** A key whose hash is chosen: few hashes collide often, and those that differ in high bits only make deep tries. */
    private record Key(int id, int hash) {
        @Override
        public int hashCode() {
            return hash;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 40, 5_000})
    void holdsWhatAHashMapHoldsAndLeavesOlderMapsAlone(int hashes) {
        Random random = new Random(hashes);
        Map<Key, Integer> model = new HashMap<>();
        PersistentMap<Key, Integer> map = PersistentMap.empty();
        List<Map<Key, Integer>> models = new ArrayList<>();
        List<PersistentMap<Key, Integer>> maps = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            int id = random.nextInt(300);
            Key key = new Key(id, (id % hashes) * 0x0840_0000);
            if (random.nextInt(3) == 0) {
                model.remove(key);
                map = map.without(key);
            } else {
                int value = random.nextInt(4);
                model.put(key, value);
                map = map.with(key, value);
            }
            assertThat(map.size()).isEqualTo(model.size());
            if (i % 100 == 0) {
                models.add(Map.copyOf(model));
                maps.add(map);
            }
        }
        for (int i = 0; i < maps.size(); i++) {
            assertThat(maps.get(i).toMap()).isEqualTo(models.get(i));
            assertThat(maps.get(i)).isEqualTo(PersistentMap.of(models.get(i)));
            int other = random.nextInt(maps.size());
            assertThat(differences(maps.get(i), maps.get(other)))
                    .containsExactlyInAnyOrderElementsOf(differing(models.get(i), models.get(other)));
        }
    }

    @Test
    void isTheSameWhenNothingChanges() {
        String value = "v";
        PersistentMap<String, String> map =
                PersistentMap.<String, String>empty().with("k", value);
        assertThat(map.with("k", value)).isSameAs(map);
        assertThat(map.without("other")).isSameAs(map);
        assertThat(map.without("k")).isEqualTo(PersistentMap.empty());
        assertThat(map.find("k")).contains("v");
        assertThat(map).hasToString("[k]");
    }

    @Test
    void findsADifferenceWithoutLookingAtTheRest() {
        AtomicInteger looks = new AtomicInteger();
        class Counted {
            @Override
            public boolean equals(Object other) {
                looks.incrementAndGet();
                return this == other;
            }

            @Override
            public int hashCode() {
                return 1;
            }
        }
        PersistentMap<Integer, Counted> map = PersistentMap.empty();
        for (int i = 0; i < 10_000; i++) {
            map = map.with(i, new Counted());
        }
        PersistentMap<Integer, Counted> edited = map.with(77, new Counted()).without(78);
        assertThat(differences(edited, map)).containsExactlyInAnyOrder(77, 78);
        assertThat(looks).hasValueLessThanOrEqualTo(2);
    }

    private static <K, V> List<K> differences(PersistentMap<K, V> map, PersistentMap<K, V> before) {
        List<K> keys = new ArrayList<>();
        map.differences(before, keys::add);
        return keys;
    }

    private static <K, V> Set<K> differing(Map<K, V> map, Map<K, V> before) {
        Set<K> keys = new HashSet<>(map.keySet());
        keys.addAll(before.keySet());
        keys.removeIf(key -> Objects.equals(map.get(key), before.get(key)));
        return keys;
    }
}
