package dev.sallyport.policy;

import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One entry.
 *
 * @param next another whose key has the same hash
 */
record TrieLeaf<K, V>(K key, int hash, V value, @Nullable TrieLeaf<K, V> next) implements TrieNode<K, V> {
    @Override
    public @Nullable V find(K wanted, int wantedHash, int shift) {
        if (wantedHash != hash) {
            return null;
        }
        for (TrieLeaf<K, V> leaf = this; leaf != null; leaf = leaf.next) {
            if (leaf.key.equals(wanted)) {
                return leaf.value;
            }
        }
        return null;
    }

    @Override
    public TrieNode<K, V> with(K added, int addedHash, V addedValue, int shift) {
        if (addedHash != hash) {
            return TrieBranch.of(this, shift).with(added, addedHash, addedValue, shift);
        }
        return find(added, hash, shift) == addedValue
                ? this
                : new TrieLeaf<>(added, hash, addedValue, without(added, hash, shift));
    }

    @Override
    public @Nullable TrieLeaf<K, V> without(K unwanted, int unwantedHash, int shift) {
        if (key.equals(unwanted)) {
            return next;
        }
        return next == null ? this : new TrieLeaf<>(key, hash, value, next.without(unwanted, unwantedHash, shift));
    }

    @Override
    public void forEach(BiConsumer<? super K, ? super V> action) {
        for (TrieLeaf<K, V> leaf = this; leaf != null; leaf = leaf.next) {
            action.accept(leaf.key, leaf.value);
        }
    }
}
