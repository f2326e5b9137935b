package dev.sallyport.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Up to 32 nodes, by the bits of the hash that this level tells apart. */
final class TrieBranch<K, V> implements TrieNode<K, V> {
    private static final int MASK = (1 << BITS) - 1;

    /** Which children there are; they are in the order of their bits. */
    private final int bitmap;

    private final List<TrieNode<K, V>> children;

    private TrieBranch(int bitmap, List<TrieNode<K, V>> children) {
        this.bitmap = bitmap;
        this.children = children;
    }

    static <K, V> TrieBranch<K, V> of(TrieLeaf<K, V> leaf, int shift) {
        return new TrieBranch<>(bit(leaf.hash(), shift), List.of(leaf));
    }

    private static int bit(int hash, int shift) {
        return 1 << ((hash >>> shift) & MASK);
    }

    private int index(int bit) {
        return Integer.bitCount(bitmap & (bit - 1));
    }

    private @Nullable TrieNode<K, V> child(int bit) {
        return (bitmap & bit) == 0 ? null : children.get(index(bit));
    }

    @Override
    public @Nullable V find(K key, int hash, int shift) {
        TrieNode<K, V> child = child(bit(hash, shift));
        return child == null ? null : child.find(key, hash, shift + BITS);
    }

    @Override
    public TrieNode<K, V> with(K key, int hash, V value, int shift) {
        int bit = bit(hash, shift);
        TrieNode<K, V> child = child(bit);
        TrieNode<K, V> changed =
                child == null ? new TrieLeaf<>(key, hash, value, null) : child.with(key, hash, value, shift + BITS);
        return changed == child ? this : replaced(bit, changed);
    }

    @Override
    public @Nullable TrieNode<K, V> without(K key, int hash, int shift) {
        int bit = bit(hash, shift);
        TrieNode<K, V> child = child(bit);
        if (child == null) {
            return this;
        }
        TrieNode<K, V> changed = child.without(key, hash, shift + BITS);
        if (changed != null && children.size() == 1 && changed instanceof TrieLeaf<K, V>) {
            return changed;
        }
        return changed == null ? removed(bit) : replaced(bit, changed);
    }

    private TrieNode<K, V> replaced(int bit, TrieNode<K, V> child) {
        return new TrieBranch<>(bitmap | bit, spliced(bit, child));
    }

    /** A leaf that is left alone takes the branch's place, so that an old map is no deeper than a new one. */
    private @Nullable TrieNode<K, V> removed(int bit) {
        TrieBranch<K, V> rest = new TrieBranch<>(bitmap & ~bit, spliced(bit, null));
        if (rest.children.isEmpty()) {
            return null;
        }
        return rest.children.size() == 1 && rest.children.get(0) instanceof TrieLeaf<K, V> leaf ? leaf : rest;
    }

    private List<TrieNode<K, V>> spliced(int bit, @Nullable TrieNode<K, V> child) {
        int index = index(bit);
        List<TrieNode<K, V>> changed = new ArrayList<>(children);
        if ((bitmap & bit) != 0) {
            changed.remove(index);
        }
        if (child != null) {
            changed.add(index, child);
        }
        return List.copyOf(changed);
    }

    @Override
    public void forEach(BiConsumer<? super K, ? super V> action) {
        for (TrieNode<K, V> child : children) {
            child.forEach(action);
        }
    }

    void differences(TrieBranch<K, V> after, int shift, Consumer<? super K> key) {
        for (int bits = bitmap | after.bitmap; bits != 0; bits &= bits - 1) {
            int bit = Integer.lowestOneBit(bits);
            TrieNode.differences(child(bit), after.child(bit), shift + BITS, key);
        }
    }
}
