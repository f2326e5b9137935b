package dev.sallyport.policy;

import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A node of a {@link PersistentMap}. {@code shift} is how many bits of a hash the nodes above it have told apart. Immutable. */
sealed interface TrieNode<K, V> permits TrieLeaf, TrieBranch {
    /** Bits of a hash that one level tells apart. */
    int BITS = 5;

    /** Hash codes of short names differ mostly in their low bits, those of others in the high ones. */
    static int hash(Object key) {
        int hash = key.hashCode();
        return hash ^ (hash >>> 16);
    }

    @Nullable
    V find(K key, int hash, int shift);

    /** With one more entry; this node when it is there already. */
    TrieNode<K, V> with(K key, int hash, V value, int shift);

    /** Without a key that is there; null: nothing is left. */
    @Nullable
    TrieNode<K, V> without(K key, int hash, int shift);

    void forEach(BiConsumer<? super K, ? super V> action);

    /** The keys under which the two hold different values, or only one any. */
    static <K, V> void differences(
            @Nullable TrieNode<K, V> before, @Nullable TrieNode<K, V> after, int shift, Consumer<? super K> key) {
        if (before == after) {
            return;
        }
        if (before instanceof TrieBranch<K, V> one && after instanceof TrieBranch<K, V> other) {
            one.differences(other, shift, key);
            return;
        }
        if (before != null) {
            before.forEach((k, v) -> {
                V now = find(after, k, shift);
                if (now != v && !v.equals(now)) {
                    key.accept(k);
                }
            });
        }
        if (after != null) {
            after.forEach((k, v) -> {
                if (find(before, k, shift) == null) {
                    key.accept(k);
                }
            });
        }
    }

    private static <K, V> @Nullable V find(@Nullable TrieNode<K, V> node, K key, int shift) {
        return node == null ? null : node.find(key, hash(key), shift);
    }
}
