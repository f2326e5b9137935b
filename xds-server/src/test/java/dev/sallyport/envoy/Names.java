package dev.sallyport.envoy;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.sallyport.proto.ProtoYaml;
import java.util.SortedSet;
import java.util.TreeSet;

/** The names by which resources refer to others. */
final class Names {
    private final SortedSet<String> secrets = new TreeSet<>();
    private final SortedSet<String> routes = new TreeSet<>();
    private final SortedSet<String> clusters = new TreeSet<>();
    private final SortedSet<String> internalListeners = new TreeSet<>();

    void collect(String yaml) {
        visit(ProtoYaml.parse(yaml, Struct.newBuilder()).build());
    }

    SortedSet<String> secrets() {
        return secrets;
    }

    SortedSet<String> routes() {
        return routes;
    }

    SortedSet<String> clusters() {
        return clusters;
    }

    SortedSet<String> internalListeners() {
        return internalListeners;
    }

    private void visit(Struct node) {
        if (node.containsFields("sds_config")) {
            secrets.add(node.getFieldsOrThrow("name").getStringValue());
        }
        node.getFieldsMap().forEach((key, value) -> {
            switch (key) {
                case "route_config_name" -> routes.add(value.getStringValue());
                case "cluster" -> clusters.add(value.getStringValue());
                case "server_listener_name" -> internalListeners.add(value.getStringValue());
                default -> visit(value);
            }
        });
    }

    private void visit(Value node) {
        visit(node.getStructValue());
        node.getListValue().getValuesList().forEach(this::visit);
    }
}
