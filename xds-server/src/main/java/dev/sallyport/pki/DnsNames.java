package dev.sallyport.pki;

import java.util.regex.Pattern;

/** The last guard before a name goes into a certificate; what policies say was checked, and explained, before. */
final class DnsNames {
    private static final int MAX_LENGTH = 253;
    private static final Pattern NAME =
            Pattern.compile("(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?");

    static void require(String name) {
        if (name.length() > MAX_LENGTH || !NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "name of a certificate: \"" + name + "\" (expected: a lower-case DNS name)");
        }
    }

    private DnsNames() {}
}
