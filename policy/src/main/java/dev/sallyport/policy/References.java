package dev.sallyport.policy;

import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/** Reads {@code secretKeyRef} and {@code configMapKeyRef}: the name of an object and one of its keys. */
final class References {
    private References() {}

    /** The reference under {@code name}, which must be there. */
    static <T> Optional<T> required(Fields parent, String name, BiFunction<String, String, T> make) {
        return parent.required(name, "the name and key of an object").flatMap(element -> read(element, make));
    }

    private static <T> Optional<T> read(Element reference, BiFunction<String, String, T> make) {
        return reference.fields("name", "key").flatMap(fields -> {
            Optional<String> name = field(fields, "name", DnsNames::isSubdomain, DnsNames.SUBDOMAIN_RULE);
            Optional<String> key = field(fields, "key", DnsNames::isDataKey, DnsNames.DATA_KEY_RULE);
            return name.flatMap(n -> key.map(k -> make.apply(n, k)));
        });
    }

    private static Optional<String> field(Fields fields, String field, Predicate<String> valid, String rule) {
        return fields.required(field, rule).flatMap(element -> element.text(valid, rule));
    }
}
