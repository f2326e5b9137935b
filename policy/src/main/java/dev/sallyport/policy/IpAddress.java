package dev.sallyport.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * An IP address, parsed without a look at any resolver. An IPv4-mapped IPv6 address is the IPv4 address that it maps.
 *
 * @param groups four numbers of 8 bits (IPv4) or eight of 16 bits (IPv6)
 */
public record IpAddress(List<Integer> groups) {
    private static final Pattern IPV4 = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})");
    private static final Pattern IPV6_GROUP = Pattern.compile("[0-9a-fA-F]{1,4}");

    public IpAddress {
        groups = List.copyOf(groups);
    }

    /** The address that {@code text} is: dotted decimal without leading zeros, or IPv6 without brackets and without a zone. */
    public static Optional<IpAddress> parse(String text) {
        Optional<IpAddress> ipv4 = ipv4(text);
        return ipv4.isPresent() ? ipv4 : ipv6(text).map(IpAddress::new).map(IpAddress::unmapped);
    }

    private static Optional<IpAddress> ipv4(String text) {
        Matcher matcher = IPV4.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        List<Integer> bytes = new ArrayList<>();
        for (int i = 1; i <= 4; i++) {
            String part = matcher.group(i);
            if (part.length() > 1 && part.startsWith("0") || Integer.parseInt(part) > 255) {
                return Optional.empty();
            }
            bytes.add(Integer.parseInt(part));
        }
        return Optional.of(new IpAddress(bytes));
    }

    private static Optional<List<Integer>> ipv6(String text) {
        int gap = text.indexOf("::");
        if (gap != text.lastIndexOf("::")) {
            return Optional.empty();
        }
        if (gap < 0) {
            return groups(text).filter(groups -> groups.size() == 8);
        }
        String head = text.substring(0, gap);
        return groups(head)
                .filter(before -> !head.contains("."))
                .flatMap(before -> groups(text.substring(gap + 2)).flatMap(after -> filled(before, after)));
    }

    private static Optional<List<Integer>> filled(List<Integer> before, List<Integer> after) {
        List<Integer> all = new ArrayList<>(before);
        while (all.size() + after.size() < 8) {
            all.add(0);
        }
        boolean fits = before.size() + after.size() < 8;
        all.addAll(after);
        return fits ? Optional.of(all) : Optional.empty();
    }

    private static Optional<List<Integer>> groups(String text) {
        List<Integer> groups = new ArrayList<>();
        String[] parts = text.isEmpty() ? new String[0] : text.split(":", -1);
        for (int i = 0; i < parts.length; i++) {
            Optional<IpAddress> tail = i == parts.length - 1 ? ipv4(parts[i]) : Optional.empty();
            if (tail.isPresent()) {
                groups.addAll(tail.get().pairs());
            } else if (IPV6_GROUP.matcher(parts[i]).matches()) {
                groups.add(Integer.parseInt(parts[i], 16));
            } else {
                return Optional.empty();
            }
        }
        return Optional.of(groups);
    }

    private List<Integer> pairs() {
        return List.of(groups.get(0) << 8 | groups.get(1), groups.get(2) << 8 | groups.get(3));
    }

    private IpAddress unmapped() {
        return groups.subList(0, 6).equals(List.of(0, 0, 0, 0, 0, 0xffff)) ? ipv4At(6) : this;
    }

    /** Whether it is of IPv4; else it is of IPv6. */
    public boolean isIpv4() {
        return groups.size() == 4;
    }

    int group(int index) {
        return groups.get(index);
    }

    /** The IPv4 address in the two groups of 16 bits from {@code index} on. */
    IpAddress ipv4At(int index) {
        int high = groups.get(index);
        int low = groups.get(index + 1);
        return new IpAddress(List.of(high >> 8, high & 0xff, low >> 8, low & 0xff));
    }

    /** The canonical text: dotted decimal, or RFC 5952. */
    @Override
    public String toString() {
        if (isIpv4()) {
            return groups.stream().map(String::valueOf).collect(Collectors.joining("."));
        }
        int length = 8;
        while (length > 1 && zerosAt(length) < 0) {
            length--;
        }
        int start = zerosAt(length);
        return length < 2 ? hex(0, 8) : hex(0, start) + "::" + hex(start + length, 8);
    }

    /** Where {@code length} groups of zero begin, from the left; -1 when nowhere. */
    private int zerosAt(int length) {
        for (int start = 0; start + length <= 8; start++) {
            if (groups.subList(start, start + length).stream().allMatch(group -> group == 0)) {
                return start;
            }
        }
        return -1;
    }

    private String hex(int from, int to) {
        return groups.subList(from, to).stream().map(Integer::toHexString).collect(Collectors.joining(":"));
    }
}
