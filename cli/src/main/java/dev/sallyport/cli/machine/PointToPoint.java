package dev.sallyport.cli.machine;

import java.security.SecureRandom;
import java.util.List;

/**
 * The two ends of a way out: a block of four from a part of the private addresses that few use, and a network of the unique local ones of IPv6 with the same number.
 *
 * @param host of the machine's end
 * @param inside of the namespace's end
 * @param host6 of the machine's end, IPv6
 * @param inside6 of the namespace's end, IPv6
 */
record PointToPoint(String host, String inside, String host6, String inside6) {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int ATTEMPTS = 50;
    private static final String PREFIX6 = "fd5a:11f0:7a11:";
    /** 10.231.0.0/16 */
    private static final int FIRST = 10 << 24 | 231 << 16;

    /** A block that no route of the machine covers, apart from its default route. */
    static PointToPoint free() throws IsolationException {
        List<String> routes = HostTools.run("ip", "-4", "route", "show", "table", "all")
                .lines()
                .toList();
        for (int i = 0; i < ATTEMPTS; i++) {
            int block = FIRST | RANDOM.nextInt(1 << 14) << 2;
            if (routes.stream().noneMatch(route -> covers(route, block))) {
                String network = PREFIX6 + Integer.toHexString(block & 0xffff);
                return new PointToPoint(text(block + 1), text(block + 2), network + "::1", network + "::2");
            }
        }
        throw new IsolationException(
                "the machine has routes to all of 10.231.0.0/16, of which --isolate needs a few addresses");
    }

    /** Whether a line of {@code ip route show} is about these addresses. */
    static boolean covers(String route, int block) {
        for (String word : route.split("\\s+", -1)) {
            if (word.matches("[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+(/[0-9]+)?")) {
                String[] parts = word.split("/", -1);
                int length = parts.length > 1 ? Integer.parseInt(parts[1]) : 32;
                int mask = length == 0 ? 0 : -1 << 32 - Math.min(length, 30);
                return (number(parts[0]) & mask) == (block & mask);
            }
            if (word.equals("default")) {
                return false;
            }
        }
        return false;
    }

    static int number(String address) {
        int number = 0;
        for (String part : address.split("\\.", -1)) {
            number = number << 8 | Integer.parseInt(part);
        }
        return number;
    }

    private static String text(int number) {
        return (number >>> 24) + "." + (number >>> 16 & 255) + "." + (number >>> 8 & 255) + "." + (number & 255);
    }
}
