package dev.sallyport.policy.yaml;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What {@code kubectl get -o yaml} prints for several objects: one {@code List} that holds them. */
final class YamlObjectLists {
    private YamlObjectLists() {}

    /** {@code documents} with each list replaced by its items. */
    static List<YamlDocument> unwrapped(List<YamlDocument> documents) {
        List<YamlDocument> all = new ArrayList<>();
        for (YamlDocument document : documents) {
            Optional<YamlList> items = items(document);
            items.ifPresentOrElse(
                    list -> list.items().forEach(item -> all.add(item(document, item))), () -> all.add(document));
        }
        return all;
    }

    private static Optional<YamlList> items(YamlDocument document) {
        boolean list = document.kind().equals("List") || document.kind().equals("EgressPolicyList");
        return list && document.defects().isEmpty()
                ? document.root()
                        .get("items")
                        .filter(YamlList.class::isInstance)
                        .map(YamlList.class::cast)
                : Optional.empty();
    }

    private static YamlDocument item(YamlDocument list, YamlNode item) {
        if (item instanceof YamlMap map) {
            return new YamlDocument(list.file(), map.line(), map, true, List.of());
        }
        YamlDefect defect = new YamlDefect(item.line(), "items", "found " + item.type() + ", expected an object");
        return new YamlDocument(list.file(), item.line(), new YamlMap(item.line(), List.of()), true, List.of(defect));
    }
}
