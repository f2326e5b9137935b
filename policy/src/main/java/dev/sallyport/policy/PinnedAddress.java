package dev.sallyport.policy;

import java.util.OptionalInt;

/**
 * One element of {@code resolveTo}.
 *
 * @param ip an IPv4 or IPv6 literal in canonical text form, without brackets
 * @param port 1..65535; empty: the port that the app asked for
 */
public record PinnedAddress(String ip, OptionalInt port) {}
