package dev.sallyport.envoy;

import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.policy.Reason;
import dev.sallyport.proto.ProtoYaml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A folder with a policy and the resources that follow from it. {@code state.yaml}, where there is one, has what is not in the policy: {@code unavailable}, {@code untrusted} and {@code retainedPorts}
 * (lists), {@code leaving} (reason by host).
 */
record GoldenCase(Path folder) {
    private static final Path FOLDERS = Path.of("src/test/resources/dev/sallyport/envoy/golden");

    static List<GoldenCase> all() {
        try (Stream<Path> folders = Files.list(FOLDERS)) {
            return folders.sorted().map(GoldenCase::new).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    WorkloadModel model() {
        Models models = Models.of(read("policy.yaml"));
        if (!Files.exists(folder.resolve("state.yaml"))) {
            return models.model();
        }
        Struct state = ProtoYaml.parse(read("state.yaml"), Struct.newBuilder()).build();
        SortedMap<String, Reason> leaving = new TreeMap<>();
        state.getFieldsOrThrow("leaving")
                .getStructValue()
                .getFieldsMap()
                .forEach((host, reason) ->
                        leaving.put(host, Reason.valueOf(reason.getStringValue().toUpperCase(Locale.ROOT))));
        return new Models(
                        models.policy(),
                        all(state, "unavailable", Value::getStringValue),
                        all(state, "untrusted", Value::getStringValue),
                        leaving,
                        all(state, "retainedPorts", port -> (int) port.getNumberValue()))
                .model();
    }

    /** What the files beside the policy should hold, by name. */
    SortedMap<String, String> expected() {
        WorkloadModel model = model();
        Translation translation = WorkloadTranslator.translate(model);
        SortedMap<String, String> files = new TreeMap<>();
        files.put("clusters.yaml", documents(translation.clusters().values()));
        files.put(
                "listeners.yaml",
                documents(translation.internalListeners().values())
                        + documents(
                                EntryListeners.of(model, SidecarPorts.DEFAULT).values()));
        files.put("routes.yaml", documents(translation.routes().values()));
        files.put("secrets.txt", String.join("\n", translation.secretNames()) + "\n");
        return files;
    }

    /** The files beside the policy as they are. */
    SortedMap<String, String> actual() {
        try (Stream<Path> files = Files.list(folder)) {
            SortedMap<String, String> found = new TreeMap<>();
            files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals("policy.yaml") && !name.equals("state.yaml"))
                    .forEach(name -> found.put(name, read(name)));
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void update() {
        try {
            for (String stale : actual().keySet()) {
                Files.delete(folder.resolve(stale));
            }
            for (Map.Entry<String, String> file : expected().entrySet()) {
                Files.writeString(folder.resolve(file.getKey()), file.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return folder.getFileName().toString();
    }

    private String read(String name) {
        try {
            return Files.readString(folder.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String documents(Collection<? extends Message> resources) {
        return resources.stream()
                .map(resource -> "---\n" + ProtoYaml.print(resource))
                .collect(Collectors.joining());
    }

    private static <T> SortedSet<T> all(Struct state, String field, Function<Value, T> type) {
        return state.getFieldsOrThrow(field).getListValue().getValuesList().stream()
                .map(type)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
