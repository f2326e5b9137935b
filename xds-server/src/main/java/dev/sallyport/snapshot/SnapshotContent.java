package dev.sallyport.snapshot;

import java.util.Optional;

/**
 * What a snapshot holds.
 *
 * @param fault why it denies everything although its plan does not say so
 */
record SnapshotContent(WorkloadResources resources, WorkloadSecrets secrets, String revision, Optional<String> fault) {}
