package dev.sallyport.envoy;

import com.google.protobuf.Message;
import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.proto.ProtoYaml;
import java.util.Map;

/** All resources of one workload as YAML for people: what Envoy is told, secrets left out. Equal models give equal text. */
public final class RenderedWorkload {
    private static final String REDACTED = "[redacted]";

    /** One YAML document for each resource, sorted by type and name, under a comment that names it. */
    public static String yaml(WorkloadModel model, SidecarPorts ports) {
        Translation translation = WorkloadTranslator.translate(model);
        StringBuilder yaml = new StringBuilder();
        add(yaml, "cluster", translation.clusters());
        add(yaml, "listener", translation.internalListeners());
        add(yaml, "listener", EntryListeners.of(model, ports));
        add(yaml, "route configuration", translation.routes());
        // Values never come here; a model has none.
        translation
                .secretNames()
                .forEach(name -> yaml.append("---\n# secret ")
                        .append(name)
                        .append("\nname: ")
                        .append(name)
                        .append("\nvalue: '")
                        .append(REDACTED)
                        .append("'\n"));
        return yaml.toString();
    }

    private static void add(StringBuilder yaml, String type, Map<String, ? extends Message> resources) {
        resources.forEach((name, resource) -> yaml.append("---\n# ")
                .append(type)
                .append(' ')
                .append(name)
                .append('\n')
                .append(ProtoYaml.print(resource)));
    }

    private RenderedWorkload() {}
}
