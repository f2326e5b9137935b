package dev.sallyport.policy.yaml;

import java.util.List;

/** A sequence. */
public record YamlList(int line, List<YamlNode> items) implements YamlNode {
    public YamlList {
        items = List.copyOf(items);
    }

    @Override
    public String type() {
        return "a list";
    }
}
