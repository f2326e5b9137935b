package dev.sallyport.policy;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Reads the elements of {@code spec.expose}. A Service has each name and each port once. */
final class ExposedPorts {
    private final TreeMap<String, ExposedPort> byName = new TreeMap<>();
    private final Set<Integer> numbers = new HashSet<>();

    void add(Element element) {
        element.fields("name", "port").ifPresent(fields -> {
            Optional<String> name = fields.required("name", DnsNames.LABEL_RULE).flatMap(this::name);
            Optional<Integer> port =
                    fields.required("port", "an integer from 1 to 65535").flatMap(this::port);
            name.ifPresent(n -> byName.put(n, new ExposedPort(n, port.orElse(0))));
        });
    }

    private Optional<String> name(Element element) {
        Optional<String> name = element.text(DnsNames::isLabel, DnsNames.LABEL_RULE);
        name.filter(byName::containsKey).ifPresent(twice -> element.error("found " + twice + " a second time"));
        return name;
    }

    private Optional<Integer> port(Element element) {
        Optional<Integer> port = Ports.one(element).stream().boxed().findFirst();
        port.filter(number -> !numbers.add(number))
                .ifPresent(twice -> element.error("found " + twice + " a second time"));
        return port;
    }

    List<ExposedPort> sorted() {
        return List.copyOf(byName.values());
    }
}
