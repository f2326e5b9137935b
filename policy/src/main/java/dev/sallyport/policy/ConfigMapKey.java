package dev.sallyport.policy;

/** A key of a ConfigMap in the namespace of the policy that names it. */
public record ConfigMapKey(String name, String key) {}
