package dev.sallyport.testing;

import dev.sallyport.bootstrap.EnvoyBinary;
import dev.sallyport.bootstrap.EnvoyException;
import dev.sallyport.bootstrap.EnvoyVersion;
import java.io.UncheckedIOException;
import java.util.List;

/** The real Envoys of the tests: the pinned one and the oldest that is tested. */
public final class Envoys {
    /** Names the version that a suite which runs once for each version is to use. */
    public static final String VERSION_PROPERTY = "sallyport.test.envoy";

    private static final List<EnvoyVersion> VERSIONS = List.of(EnvoyVersion.PINNED, new EnvoyVersion(1, 39, 3));

    /** Every tested version; for parameterised tests. */
    public static List<EnvoyBinary> all() {
        return VERSIONS.stream().map(Envoys::fetch).toList();
    }

    public static EnvoyBinary pinned() {
        return fetch(EnvoyVersion.PINNED);
    }

    /** The version that {@link #VERSION_PROPERTY} names, else the pinned one. */
    public static EnvoyBinary underTest() {
        String wanted = System.getProperty(VERSION_PROPERTY, EnvoyVersion.PINNED.toString());
        return VERSIONS.stream()
                .filter(version -> version.toString().equals(wanted))
                .findFirst()
                .map(Envoys::fetch)
                .orElseThrow(() -> new IllegalArgumentException(
                        VERSION_PROPERTY + ": " + wanted + " (expected: one of " + VERSIONS + ")"));
    }

    private static EnvoyBinary fetch(EnvoyVersion version) {
        try {
            return EnvoyBinary.fetch(version, System.getenv(), line -> System.err.println(line));
        } catch (EnvoyException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Fetches all of them: the build does this before the tests, most of which run where nothing can be fetched. */
    public static void main(String[] arguments) {
        all().forEach(binary -> System.out.println(binary));
    }

    private Envoys() {}
}
