package dev.sallyport.policy;

/** Which addresses a host's name may resolve to. The names are those of the YAML. */
public enum Addresses {
    Public,
    /** Also private ones; loopback, link-local and metadata addresses never. */
    Any
}
