package dev.sallyport.policy;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the elements of {@code resolveTo}. Loopback and private addresses are what it is for; what can never be an upstream is an error. */
final class PinnedAddresses {
    private static final String FORM = "an IP address or IP:PORT, such as 10.20.0.7, 10.20.0.7:8443 or [fd00::7]:8443";
    private static final Pattern BRACKETED = Pattern.compile("\\[([^\\[\\]]*)](?::([0-9]+))?");
    private static final Pattern IPV4_WITH_PORT = Pattern.compile("([0-9.]+):([0-9]+)");

    private PinnedAddresses() {}

    static Optional<PinnedAddress> read(Element element) {
        return element.text().flatMap(text -> read(element, text));
    }

    private static Optional<PinnedAddress> read(Element element, String text) {
        Matcher bracketed = BRACKETED.matcher(text);
        Matcher ipv4 = IPV4_WITH_PORT.matcher(text);
        String ip = text;
        Optional<String> port = Optional.empty();
        if (bracketed.matches()) {
            ip = ipv6Only(bracketed.group(1));
            port = Optional.ofNullable(bracketed.group(2));
        } else if (ipv4.matches()) {
            ip = ipv4.group(1);
            port = Optional.of(ipv4.group(2));
        }
        return pinned(element, IpAddress.parse(ip), port);
    }

    private static String ipv6Only(String text) {
        return text.contains(":") ? text : "";
    }

    private static Optional<PinnedAddress> pinned(Element element, Optional<IpAddress> ip, Optional<String> port) {
        OptionalInt number = port.map(Ports::number).orElse(OptionalInt.empty());
        Optional<String> refusal = ip.flatMap(SpecialAddresses::refusal);
        if (ip.isEmpty()) {
            element.expected(FORM);
        } else if (port.isPresent() && number.isEmpty()) {
            element.expected("a port from 1 to 65535 after the address");
        } else if (refusal.isPresent()) {
            element.expected("the address of an upstream, and this is " + refusal.get());
        } else {
            return ip.map(address -> new PinnedAddress(address.toString(), number));
        }
        return Optional.empty();
    }
}
