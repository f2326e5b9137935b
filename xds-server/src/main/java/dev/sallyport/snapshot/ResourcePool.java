package dev.sallyport.snapshot;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** Resources in use, so that those that are equal are one object: the public roots and shared clusters exist once, whatever the number of workloads, and what an edit leaves alone keeps its bytes. Thread-safe. */
final class ResourcePool {
    private final Versions versions;
    private final Map<String, Entry> pool = new ConcurrentHashMap<>();
    private final ReferenceQueue<VersionedResource> dropped = new ReferenceQueue<>();

    private static final class Entry extends WeakReference<VersionedResource> {
        private final String version;

        Entry(VersionedResource resource, ReferenceQueue<VersionedResource> queue) {
            super(resource, queue);
            this.version = resource.version();
        }
    }

    ResourcePool(Versions versions) {
        this.versions = versions;
    }

    SortedMap<String, VersionedResource> of(ResourceType type, SortedMap<String, ? extends Message> messages) {
        SortedMap<String, VersionedResource> resources = new TreeMap<>();
        messages.forEach((name, message) -> resources.put(name, of(type, name, message)));
        return resources;
    }

    VersionedResource of(ResourceType type, String name, Message message) {
        ByteString content = Versions.serialised(message);
        String version = versions.of(type, name, content);
        Entry known = pool.get(version);
        VersionedResource pooled = known == null ? null : known.get();
        if (pooled != null) {
            return pooled;
        }
        ByteString envelope = Versions.envelope(type, name, version, content);
        VersionedResource made = new VersionedResource(name, version, () -> envelope);
        forgetDropped();
        pool.put(version, new Entry(made, dropped));
        return made;
    }

    private void forgetDropped() {
        for (Object entry = dropped.poll(); entry != null; entry = dropped.poll()) {
            pool.remove(((Entry) entry).version, entry);
        }
    }
}
