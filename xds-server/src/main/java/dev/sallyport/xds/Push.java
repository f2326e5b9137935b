package dev.sallyport.xds;

import dev.sallyport.snapshot.ResourceType;
import dev.sallyport.snapshot.VersionedResource;
import java.util.List;

/** What goes to a sidecar in one response. */
record Push(ResourceType type, List<VersionedResource> resources, List<String> removed) {}
