package dev.sallyport.xds;

import dev.sallyport.snapshot.ResourceType;
import java.time.Instant;

/**
 * A resource that a sidecar refused. The same bytes are not sent to it again.
 *
 * @param reason the sidecar's own words, cut to 1 KB; for a secret only words that cannot hold its value
 */
public record RejectedResource(ResourceType type, String name, String version, String reason, Instant since) {}
