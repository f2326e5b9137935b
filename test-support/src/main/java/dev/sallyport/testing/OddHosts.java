package dev.sallyport.testing;

import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What a hostile app may put where the name of a host belongs: what URL parsers, resolvers and proxies read in different ways. */
public final class OddHosts {
    private static final List<String> PIECES = List.of(
            "0", "1", "7", "08", "127", "255", "0x", "0X7f", "x7f", "0xg", "0x7g", "0x0", "a", "F", "x", "-", "_", "0-",
            "0_x", "9a", "00x1", "1x", "10x1", "example", "org", "wild", "");

    /** Each with how it is read by some client. */
    public static List<String> all() {
        return List.of(
                "1.2.3.4", // as it looks
                "127.1", // inet_aton: 127.0.0.1
                "127.0.1",
                "2130706433",
                "0x7f.1",
                "0X7F.1",
                "0x7f000001",
                "0x7f.0x0.0x0.0x1",
                "1.2.3.0x4",
                "1.2.3.0X4",
                "0x",
                "a.0x",
                "017700000001", // octal
                "0177.0.0.1",
                "1.2.3.08", // octal, and not
                "x.example.1", // ends in a number: not a name, says the URL standard
                "x.example.0x1f",
                "1.2.3.4.", // a trailing dot
                "127.1.",
                "0x7f.1.",
                "[::1]",
                "[::ffff:127.0.0.1]",
                "::1",
                "[v1.x]",
                "1.2.3.4.example.org",
                "0x7f.example.org",
                "x.example.org1",
                "x.example.1org",
                "x.example.0xg",
                "x.example.x1",
                "x.example.0x1g",
                "x.example.00x1",
                "x.example.10x1",
                "x.example.1x1",
                "x.example.0-1",
                "x.example.1_",
                "x.example.-",
                "x.example._",
                "_dmarc.example.org",
                "a_b.example.org",
                "-a.example.org",
                "xn--bcher-kva.example",
                "localhost",
                "x.example.org",
                "X.Example.ORG",
                "x.example.org.",
                "x.example.org..",
                "x..example.org",
                ".example.org",
                ".",
                "..",
                "*",
                "*.example.org",
                "a*b.example.org",
                "a$b.example.org",
                "a%2eb.example.org",
                "a%00.example.org",
                "user@example.org",
                "a,b.example.org",
                "a.wild.example.com",
                "1.wild.example.com",
                "0x7f.wild.example.com",
                "a..wild.example.com",
                "a$b.wild.example.com",
                "bad.wild.example.com",
                "BAD.wild.example.com.",
                "a.bad.wild.example.com",
                "api.example.com",
                "api.example.com.");
    }

    /** Names put together at random from pieces of such. The same seed gives the same names. */
    public static Stream<String> random(long seed) {
        Random random = new Random(seed);
        return Stream.generate(() -> IntStream.range(0, 1 + random.nextInt(4))
                .mapToObj(label -> IntStream.range(0, 1 + random.nextInt(2))
                        .mapToObj(piece -> PIECES.get(random.nextInt(PIECES.size())))
                        .collect(Collectors.joining()))
                .collect(Collectors.joining(".")));
    }

    private OddHosts() {}
}
