package dev.sallyport.policy;

/** What the sidecar does with the TLS of a host. The names are those of the YAML. */
public enum TlsMode {
    /** Terminated with a leaf certificate of the workload's CA, checked, and opened again towards the upstream. */
    Intercept,
    /** Forwarded by SNI, unread. */
    Passthrough
}
