package dev.sallyport.policy;

/** How a workload's traffic gets to its sidecar. The names are those of the YAML. */
public enum Capture {
    /** Packet rules leave no other way out. The default. */
    Redirect,
    /** The proxy environment only: what ignores it is not stopped by the sidecar. */
    Proxy
}
