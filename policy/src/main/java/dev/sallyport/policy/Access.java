package dev.sallyport.policy;

/** What a workload may reach. The names are those of the YAML. */
public enum Access {
    /** No egress at all. */
    None,
    /** Only the hosts of the policy. The default. */
    Restricted,
    /** Everything but link-local and metadata addresses; no sidecar. */
    Unrestricted
}
