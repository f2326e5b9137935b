package dev.sallyport.policy;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A map that never changes: an edit is a new map that shares all but a path of nodes with the old one. To make it, and to tell afterwards what differs between the two, costs as much as the edit, whatever the size. So complete
 * states can be handed from part to part as if they were small. A <a href="https://lampwww.epfl.ch/papers/idealhashtrees.pdf">hash array mapped trie</a>. Immutable, thread-safe as far as its content is.
 */
public final class PersistentMap<K, V> {
    private static final PersistentMap<?, ?> EMPTY = new PersistentMap<>(null, 0);

    private final @Nullable TrieNode<K, V> root;
    private final int size;

    private PersistentMap(@Nullable TrieNode<K, V> root, int size) {
        this.root = root;
        this.size = size;
    }

    /** A map without entries. */
    @SuppressWarnings("unchecked") // it holds neither keys nor values
    public static <K, V> PersistentMap<K, V> empty() {
        return (PersistentMap<K, V>) EMPTY;
    }

    /** The entries of {@code map}. */
    public static <K, V> PersistentMap<K, V> of(Map<K, V> map) {
        PersistentMap<K, V> made = empty();
        for (Map.Entry<K, V> entry : map.entrySet()) {
            made = made.with(entry.getKey(), entry.getValue());
        }
        return made;
    }

    public int size() {
        return size;
    }

    public Optional<V> find(K key) {
        return root == null ? Optional.empty() : Optional.ofNullable(root.find(key, TrieNode.hash(key), 0));
    }

    /** This map, with {@code value} under {@code key}. The same object when that value is there already. */
    public PersistentMap<K, V> with(K key, V value) {
        int hash = TrieNode.hash(key);
        if (root == null) {
            return new PersistentMap<>(new TrieLeaf<>(key, hash, value, null), 1);
        }
        TrieNode<K, V> changed = root.with(key, hash, value, 0);
        if (changed == root) {
            return this;
        }
        return new PersistentMap<>(changed, root.find(key, hash, 0) == null ? size + 1 : size);
    }

    /** This map, without {@code key}. The same object when there is none. */
    public PersistentMap<K, V> without(K key) {
        int hash = TrieNode.hash(key);
        if (root == null || root.find(key, hash, 0) == null) {
            return this;
        }
        return new PersistentMap<>(root.without(key, hash, 0), size - 1);
    }

    /** Every entry, in no order. */
    public void forEach(BiConsumer<? super K, ? super V> action) {
        if (root != null) {
            root.forEach(action);
        }
    }

    /** The entries as a map that can be changed. */
    public Map<K, V> toMap() {
        Map<K, V> map = new HashMap<>();
        forEach(map::put);
        return map;
    }

    /** Each key, once, under which the two maps hold different values, or only one of them any. Looks at nothing that they share. */
    public void differences(PersistentMap<K, V> before, Consumer<? super K> key) {
        TrieNode.differences(before.root, root, 0, key);
    }

    @Override
    @SuppressWarnings("unchecked") // keys and values of other types are different ones
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof PersistentMap<?, ?> that) || size != that.size) {
            return false;
        }
        boolean[] differs = new boolean[1];
        differences((PersistentMap<K, V>) that, key -> differs[0] = true);
        return !differs[0];
    }

    @Override
    public int hashCode() {
        int[] sum = new int[1];
        forEach((key, value) -> sum[0] += key.hashCode() ^ value.hashCode());
        return sum[0];
    }

    /** Keys only: values may be secret. */
    @Override
    public String toString() {
        return toMap().keySet().toString();
    }
}
