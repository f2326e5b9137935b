package dev.sallyport.policy;

/**
 * Which state of an {@code EgressPolicy} object a document is.
 *
 * @param uid tells the object from an earlier one of its name
 * @param generation of its specification
 */
public record PolicyVersion(String uid, long generation) {}
