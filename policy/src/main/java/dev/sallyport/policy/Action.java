package dev.sallyport.policy;

/** What a host entry does with the names it covers. The names are those of the YAML. */
public enum Action {
    Allow,
    Deny
}
