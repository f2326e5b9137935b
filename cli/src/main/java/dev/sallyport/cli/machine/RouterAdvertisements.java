package dev.sallyport.cli.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where the machine's IPv6 default route may come from. A host that becomes a router forgets what routers told it, and listens to them no more, on every interface whose {@code accept_ra} is not 2
 * (https://www.kernel.org/doc/html/latest/networking/ip-sysctl.html).
 */
final class RouterAdvertisements {
    private static final Path INTERFACES = Path.of("/proc/sys/net/ipv6/conf");
    private static final Set<String> NO_INTERFACES = Set.of("all", "default");
    private static final String AS_HOST = "1";
    private static final String AS_ROUTER = "2";

    /** The interfaces that listen to routers as long as the machine is none, sorted. */
    static List<String> heeded() throws IOException {
        List<String> heeded = new ArrayList<>();
        try (Stream<Path> interfaces = Files.list(INTERFACES)) {
            for (Path directory : interfaces.sorted().toList()) {
                String name = directory.getFileName().toString();
                if (!NO_INTERFACES.contains(name) && is(AS_HOST, directory)) {
                    heeded.add(name);
                }
            }
        }
        return heeded;
    }

    /** Has them listen although the machine forwards. */
    static void heedAsRouter(List<String> interfaces) throws IOException {
        change(interfaces, AS_HOST, AS_ROUTER);
    }

    /** Takes {@link #heedAsRouter} back, but where somebody else has changed it since. */
    static void heedAsHost(List<String> interfaces) throws IOException {
        change(interfaces, AS_ROUTER, AS_HOST);
    }

    private static void change(List<String> interfaces, String from, String to) throws IOException {
        for (String name : interfaces) {
            Path directory = INTERFACES.resolve(name);
            if (is(from, directory)) {
                Files.writeString(directory.resolve("accept_ra"), to + "\n");
            }
        }
    }

    /** False for an interface that is gone. */
    private static boolean is(String value, Path directory) throws IOException {
        Path file = directory.resolve("accept_ra");
        return Files.exists(file) && Files.readString(file).strip().equals(value);
    }

    private RouterAdvertisements() {}
}
