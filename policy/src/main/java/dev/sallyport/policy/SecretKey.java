package dev.sallyport.policy;

/** A key of a Secret in the namespace of the policy that names it. */
public record SecretKey(String name, String key) {}
