package dev.sallyport.bootstrap;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The version of an Envoy binary. */
public record EnvoyVersion(int major, int minor, int patch) implements Comparable<EnvoyVersion> {
    /** What is fetched when this machine has no Envoy. */
    public static final EnvoyVersion PINNED = new EnvoyVersion(1, 40, 0);

    /** Older ones ignore fields that the configuration relies on, silently. */
    public static final EnvoyVersion OLDEST_SUPPORTED = new EnvoyVersion(1, 39, 0);

    private static final Comparator<EnvoyVersion> ORDER = Comparator.comparingInt(EnvoyVersion::major)
            .thenComparingInt(EnvoyVersion::minor)
            .thenComparingInt(EnvoyVersion::patch);

    /** {@code envoy --version} prints {@code …/envoy  version: COMMIT/1.40.0/Clean/RELEASE/BoringSSL}. */
    private static final Pattern PRINTED =
            Pattern.compile("version: [0-9a-f]+/([0-9]{1,4})\\.([0-9]{1,4})\\.([0-9]{1,4})(?:-[^/]*)?/");

    /** Reads what {@code envoy --version} printed; empty when that was something else. */
    public static Optional<EnvoyVersion> parse(String printed) {
        Matcher matcher = PRINTED.matcher(printed);
        if (!matcher.find()) {
            return Optional.empty();
        }
        return Optional.of(new EnvoyVersion(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                Integer.parseInt(matcher.group(3))));
    }

    @Override
    public int compareTo(EnvoyVersion other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch;
    }
}
