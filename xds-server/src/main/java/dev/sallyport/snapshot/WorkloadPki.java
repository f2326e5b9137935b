package dev.sallyport.snapshot;

import dev.sallyport.pki.LeafIssuer;
import dev.sallyport.pki.PublicRoots;
import dev.sallyport.pki.RootSeed;
import dev.sallyport.pki.WorkloadCas;

/**
 * Where the control loop has certificates from.
 *
 * @param seed keys resource versions
 * @param cas of the workloads
 * @param leaves issued on first need
 * @param roots what upstreams are verified with
 */
public record WorkloadPki(RootSeed seed, WorkloadCas cas, LeafIssuer leaves, PublicRoots roots) {}
