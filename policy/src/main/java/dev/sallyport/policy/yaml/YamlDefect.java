package dev.sallyport.policy.yaml;

/**
 * What is wrong with the YAML itself, whatever it is meant to say. Holds no value of the document.
 *
 * @param line from 1
 * @param path {@code spec.hosts[0].host}; empty: the whole document
 * @param message one line
 */
public record YamlDefect(int line, String path, String message) {}
