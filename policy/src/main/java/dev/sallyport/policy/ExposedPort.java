package dev.sallyport.policy;

/** A port of the workload that gets a ClusterIP Service. {@code port} is 1..65535. */
public record ExposedPort(String name, int port) {}
