package dev.sallyport.cli;

import java.nio.file.Path;

/**
 * What a sidecar reads to reach its control plane.
 *
 * @param token replaced by rename, in a directory that the sidecar watches
 * @param xdsCa PEM
 * @param directory for the sidecar's own configuration
 */
record SidecarFiles(Path token, Path xdsCa, Path directory) {}
