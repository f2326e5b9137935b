package dev.sallyport.xds;

import dev.sallyport.snapshot.ResourceType;
import dev.sallyport.snapshot.VersionedResource;
import java.util.List;

/** What goes to a sidecar in one response. */
record Push(ResourceType type, List<VersionedResource> resources, List<String> removed) {
    /** How much that is, without what a response adds to it. */
    long bytes() {
        long bytes = 0;
        for (VersionedResource resource : resources) {
            bytes += resource.bytes().size();
        }
        for (String name : removed) {
            bytes += name.length();
        }
        return bytes;
    }
}
