package dev.sallyport.settings;

import dev.sallyport.policy.Element;
import dev.sallyport.policy.Fields;
import dev.sallyport.policy.yaml.YamlScalar;
import dev.sallyport.settings.ClusterSettings.Resources;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads requests and limits, in the forms of a Kubernetes quantity that people write. */
final class ResourceQuantities {
    private static final String REQUESTS = "requests";
    private static final String LIMITS = "limits";
    private static final Pattern CPU = Pattern.compile("([0-9]{1,9}(?=m)|[0-9]{1,6}(?:\\.[0-9]{1,3})?(?!m))(m?)");
    private static final String CPU_RULE = "a quantity of CPU above 0, such as 100m or 0.5";
    private static final Pattern MEMORY = Pattern.compile("([0-9]{1,15})(|k|M|G|T|Ki|Mi|Gi|Ti)");
    private static final String MEMORY_RULE = "a quantity of memory above 0, such as 64Mi";
    private static final Map<String, BigDecimal> UNITS = Map.of(
            "", BigDecimal.ONE,
            "m", new BigDecimal("0.001"),
            "k", BigDecimal.TEN.pow(3),
            "M", BigDecimal.TEN.pow(6),
            "G", BigDecimal.TEN.pow(9),
            "T", BigDecimal.TEN.pow(12),
            "Ki", BigDecimal.valueOf(1L << 10),
            "Mi", BigDecimal.valueOf(1L << 20),
            "Gi", BigDecimal.valueOf(1L << 30),
            "Ti", BigDecimal.valueOf(1L << 40));

    private ResourceQuantities() {}

    /** What is there replaces the default of that field as a whole, so that a limit can be taken away. */
    static Resources read(Element element) {
        Optional<Fields> fields = element.fields(REQUESTS, LIMITS);
        Resources otherwise = ClusterSettings.DEFAULT.sidecarResources();
        Resources resources = new Resources(
                fields.flatMap(all -> quantities(all, REQUESTS)).orElse(otherwise.requests()),
                fields.flatMap(all -> quantities(all, LIMITS)).orElse(otherwise.limits()));
        // The API server refuses such a Pod; better to be told here than at each Pod.
        resources.limits().forEach((name, limit) -> {
            String request = resources.requests().get(name);
            if (request != null && amount(name, request).compareTo(amount(name, limit)) > 0) {
                element.error("found a request of " + request + " " + name + " above the limit of " + limit
                        + ", expected at most the limit");
            }
        });
        return resources;
    }

    private static Optional<SortedMap<String, String>> quantities(Fields resources, String name) {
        return resources
                .element(name)
                .flatMap(element -> element.fields(Resources.CPU, Resources.MEMORY))
                .map(fields -> {
                    SortedMap<String, String> quantities = new TreeMap<>();
                    fields.element(Resources.CPU)
                            .flatMap(element -> quantity(element, Resources.CPU, CPU_RULE))
                            .ifPresent(text -> quantities.put(Resources.CPU, text));
                    fields.element(Resources.MEMORY)
                            .flatMap(element -> quantity(element, Resources.MEMORY, MEMORY_RULE))
                            .ifPresent(text -> quantities.put(Resources.MEMORY, text));
                    return quantities;
                });
    }

    /** A number needs no quotes, as in Kubernetes itself. */
    private static Optional<String> quantity(Element element, String name, String rule) {
        Optional<String> text = element.node() instanceof YamlScalar scalar
                ? Optional.of(scalar.text()).filter(written -> isQuantity(name, written))
                : Optional.empty();
        if (text.isEmpty()) {
            element.expected(rule);
        }
        return text;
    }

    private static boolean isQuantity(String name, String text) {
        return pattern(name).matcher(text).matches() && amount(name, text).signum() > 0;
    }

    private static Pattern pattern(String name) {
        return name.equals(Resources.CPU) ? CPU : MEMORY;
    }

    private static BigDecimal amount(String name, String text) {
        Matcher matcher = pattern(name).matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("no quantity: " + text);
        }
        return new BigDecimal(matcher.group(1)).multiply(UNITS.get(matcher.group(2)));
    }
}
