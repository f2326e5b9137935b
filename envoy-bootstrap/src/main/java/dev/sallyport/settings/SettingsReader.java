package dev.sallyport.settings;

import dev.sallyport.policy.DnsNames;
import dev.sallyport.policy.Element;
import dev.sallyport.policy.Fields;
import dev.sallyport.policy.IpAddress;
import dev.sallyport.settings.ClusterSettings.ControlPlane;
import dev.sallyport.settings.ClusterSettings.Images;
import dev.sallyport.settings.ClusterSettings.PodGroup;
import dev.sallyport.settings.ClusterSettings.PullPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Reads the fields of the settings file; what is absent has its default. */
final class SettingsReader {
    static final String[] FIELDS = {
        "resolvers", "dns", "controlPlane", "noProxy", "clusterCidrs", "images", "sidecarResources"
    };
    private static final String[] POD_GROUP = {"namespace", "podLabels"};
    private static final String[] CONTROL_PLANE = {"namespace", "podLabels", "address", "port"};
    private static final String[] IMAGES = {"sidecar", "netInit", "pullPolicy", "pullSecrets"};
    private static final ClusterSettings DEFAULT = ClusterSettings.DEFAULT;
    private static final String ADDRESS_RULE = "a DNS name, such as sallyport-xds.sallyport-system.svc";
    private static final int MAX_LIST = 100;

    private final Fields settings;

    SettingsReader(Fields settings) {
        this.settings = settings;
    }

    /** As far as they can be read. Not to be used when there were errors. */
    ClusterSettings settings() {
        return new ClusterSettings(
                list(settings, "resolvers", "a list of IP addresses", NetworkNames::resolver),
                map("dns", POD_GROUP)
                        .map(fields -> podGroup(fields, DEFAULT.dns()))
                        .orElseGet(DEFAULT::dns),
                map("controlPlane", CONTROL_PLANE)
                        .map(SettingsReader::controlPlane)
                        .orElseGet(DEFAULT::controlPlane),
                list(settings, "noProxy", "a list of host names, .suffixes and IP addresses", NetworkNames::direct),
                list(settings, "clusterCidrs", "a list of address ranges", NetworkNames::cidr),
                map("images", IMAGES).map(SettingsReader::images).orElseGet(DEFAULT::images),
                settings.element("sidecarResources")
                        .map(ResourceQuantities::read)
                        .orElseGet(DEFAULT::sidecarResources));
    }

    private Optional<Fields> map(String name, String... known) {
        return settings.element(name).flatMap(element -> element.fields(known));
    }

    private static PodGroup podGroup(Fields fields, PodGroup otherwise) {
        return new PodGroup(
                fields.element("namespace")
                        .flatMap(element -> element.text(DnsNames::isLabel, DnsNames.LABEL_RULE))
                        .orElse(otherwise.namespace()),
                fields.element("podLabels").flatMap(PodLabels::read).orElse(otherwise.labels()));
    }

    private static ControlPlane controlPlane(Fields fields) {
        PodGroup pods = podGroup(fields, DEFAULT.controlPlane().pods());
        return new ControlPlane(
                pods,
                fields.element("address")
                        .flatMap(element -> element.text(SettingsReader::isName, ADDRESS_RULE))
                        .orElseGet(() -> ControlPlane.addressIn(pods.namespace())),
                fields.element("port")
                        .flatMap(element -> element.port().stream().boxed().findFirst())
                        .orElse(DEFAULT.controlPlane().port()));
    }

    /** A certificate for a name is what sidecars check; addresses change. */
    private static boolean isName(String text) {
        return DnsNames.isSubdomain(text) && IpAddress.parse(text).isEmpty();
    }

    private static Images images(Fields fields) {
        return new Images(
                image(fields, "sidecar", DEFAULT.images().sidecar()),
                image(fields, "netInit", DEFAULT.images().netInit()),
                fields.choice("pullPolicy", PullPolicy.class)
                        .orElse(DEFAULT.images().pullPolicy()),
                list(
                        fields,
                        "pullSecrets",
                        "a list of names",
                        element -> element.text(DnsNames::isSubdomain, DnsNames.SUBDOMAIN_RULE)));
    }

    private static String image(Fields fields, String name, String otherwise) {
        return fields.element(name)
                .flatMap(element -> element.text(ImageReference::isPinned, ImageReference.RULE))
                .orElse(otherwise);
    }

    /** In the order written, which may mean something; nothing twice. */
    private static List<String> list(
            Fields fields, String name, String expected, Function<Element, Optional<String>> read) {
        List<String> values = new ArrayList<>();
        List<Element> elements = fields.list(name, expected).orElse(List.of());
        if (elements.size() > MAX_LIST) {
            elements.get(MAX_LIST)
                    .error("found " + elements.size() + " elements in the list, expected at most " + MAX_LIST);
        }
        for (Element element : elements.subList(0, Math.min(elements.size(), MAX_LIST))) {
            read.apply(element).ifPresent(value -> {
                if (values.contains(value)) {
                    element.error("found " + value + " a second time");
                }
                values.add(value);
            });
        }
        return values;
    }
}
