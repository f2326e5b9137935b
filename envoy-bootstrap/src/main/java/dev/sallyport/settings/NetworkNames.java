package dev.sallyport.settings;

import dev.sallyport.policy.DnsNames;
import dev.sallyport.policy.Element;
import dev.sallyport.policy.IpAddress;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads addresses, address ranges and names of hosts. */
final class NetworkNames {
    private static final String RESOLVER_RULE =
            "the IP address of a resolver that Pods can reach, such as 10.96.0.10 or fd00::a";
    private static final String DIRECT_RULE =
            "a host name, .suffix or IP address, such as kubernetes.default.svc, .corp.example or 10.96.0.1";
    private static final String CIDR_RULE =
            "an address range without bits behind its prefix, such as 10.96.0.0/12 or fd00::/108";
    private static final Pattern CIDR = Pattern.compile("([0-9a-fA-F.:]+)/([1-9][0-9]{0,2})");

    private NetworkNames() {}

    static Optional<String> resolver(Element element) {
        return element.text(
                        text -> address(text).filter(ip -> !isOfOneMachine(ip)).isPresent(), RESOLVER_RULE)
                .flatMap(NetworkNames::address)
                .map(IpAddress::toString);
    }

    private static Optional<IpAddress> address(String text) {
        return IpAddress.parse(text);
    }

    private static boolean isOfOneMachine(IpAddress ip) {
        String text = ip.toString();
        return ip.isIpv4() ? text.startsWith("127.") || text.startsWith("0.") : text.equals("::1") || text.equals("::");
    }

    static Optional<String> direct(Element element) {
        return element.text(
                text -> address(text).isPresent()
                        || DnsNames.isSubdomain(text.startsWith(".") ? text.substring(1) : text),
                DIRECT_RULE);
    }

    static Optional<String> cidr(Element element) {
        return element.text(NetworkNames::isCidr, CIDR_RULE);
    }

    private static boolean isCidr(String text) {
        Matcher matcher = CIDR.matcher(text);
        if (!matcher.matches()) {
            return false;
        }
        int prefix = Integer.parseInt(matcher.group(2));
        return address(matcher.group(1))
                .filter(ip -> ip.isIpv4() != matcher.group(1).contains(":"))
                .filter(ip -> isNetwork(ip, prefix))
                .isPresent();
    }

    private static boolean isNetwork(IpAddress ip, int prefix) {
        int width = ip.isIpv4() ? 8 : 16;
        int groups = ip.groups().size();
        if (prefix > width * groups) {
            return false;
        }
        for (int i = 0; i < groups; i++) {
            int inPrefix = Math.max(0, Math.min(width, prefix - i * width));
            int rest = ip.groups().get(i) & ((1 << (width - inPrefix)) - 1);
            if (rest != 0) {
                return false;
            }
        }
        return true;
    }
}
