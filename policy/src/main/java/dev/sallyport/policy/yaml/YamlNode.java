package dev.sallyport.policy.yaml;

/** One node of a document. Immutable. {@code toString} of a node never prints what a scalar holds: Secret manifests are read with it. */
public sealed interface YamlNode permits YamlMap, YamlList, YamlScalar {
    /** The line in the file on which the node begins, from 1. */
    int line();

    /** What kind of node this is, with its article: {@code "a list"}, {@code "an integer"}. */
    String type();
}
