package dev.sallyport.xds;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.List;

/** How full the heap was after its last collection: what is garbage does not count. Thread-safe. */
final class HeapUse {
    private final List<MemoryPoolMXBean> pools;

    HeapUse() {
        this.pools = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP
                        && pool.isCollectionUsageThresholdSupported()
                        // Not of young generations: a survivor space is full when all is well.
                        && pool.isUsageThresholdSupported())
                .toList();
    }

    /** Of the pool that everything which stays ends up in; 0 to 1, and 0 before it was ever collected. */
    double share() {
        double share = 0;
        for (MemoryPoolMXBean pool : pools) {
            MemoryUsage usage = pool.getCollectionUsage();
            if (usage != null && usage.getMax() > 0) {
                share = Math.max(share, (double) usage.getUsed() / usage.getMax());
            }
        }
        return share;
    }
}
