package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.yaml.YamlList;
import dev.sallyport.policy.yaml.YamlMap;
import dev.sallyport.policy.yaml.YamlNode;
import dev.sallyport.policy.yaml.YamlReader;
import dev.sallyport.policy.yaml.YamlScalar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The schema of the API server, the parser and docs/POLICY.md say the same. */
class EgressPolicySchemaTest {
    private static final Path ROOT = Path.of(System.getProperty("basedir", ".")).resolve("..");
    private static final String UNKNOWN = "zzzzzzzzzzzzzzzz";

    /** What stands in the schema at each path: {@code spec.hosts[].host}. Without metadata and status. */
    private static final NavigableMap<String, YamlMap> SCHEMA = new TreeMap<>();

    private static String crd = "";
    private static String manual = "";

    @BeforeAll
    static void read() throws IOException {
        crd = Files.readString(ROOT.resolve("manifests/crd/egresspolicies.yaml"));
        manual = Files.readString(ROOT.resolve("docs/POLICY.md"));
        YamlMap document = YamlReader.read("crd", crd).get(0).root();
        YamlMap version =
                (YamlMap) ((YamlList) at(document, "spec", "versions")).items().get(0);
        walk("", (YamlMap) at(version, "schema", "openAPIV3Schema"));
    }

    @Test
    void theSchemaHasTheFieldsOfTheParser() {
        Map<String, Set<String>> fields = fieldsOfTheSchema();
        assertThat(fields).hasSize(11);
        fields.forEach((object, names) ->
                assertThat(fieldsOfTheParser(object)).as(object).isEqualTo(names));
    }

    @Test
    void theManualHasEveryFieldOfTheSchema() {
        fieldsOfTheSchema().entrySet().stream()
                .filter(object -> object.getKey().startsWith("spec"))
                .flatMap(object -> object.getValue().stream())
                .forEach(field -> assertThat(manual).containsPattern("`[^`\n]*\\b" + field + "\\b[^`\n]*`"));
    }

    @Test
    void theAcceptedPoliciesHaveEveryFieldOfTheSchema() {
        Set<String> used = new TreeSet<>();
        for (String document : PolicyCorpusTest.accepted()) {
            paths("", YamlReader.read("f", document).get(0).root(), used);
        }
        assertThat(used).containsAll(SCHEMA.keySet());
    }

    @Test
    void everyObjectKeepsUnknownFieldsForTheParserToRefuse() {
        fieldsOfTheSchema()
                .keySet()
                .forEach(object -> assertThat(text(schema(object), "x-kubernetes-preserve-unknown-fields"))
                        .as(object)
                        .isEqualTo("true"));
    }

    @Test
    void onlyWhatCannotChangeHasADefaultAndItIsTheParsers() {
        EgressPolicy empty = Policies.accepted(
                "apiVersion: sallyport.dev/v1alpha1\nkind: EgressPolicy\nmetadata: {name: p}\nspec: {}");
        Map<String, String> defaults = new TreeMap<>();
        SCHEMA.forEach((path, node) ->
                node.get("default").ifPresent(value -> defaults.put(path, text(node, "default"))));
        assertThat(defaults)
                .containsOnly(
                        Map.entry("spec.access", empty.access().name()),
                        Map.entry("spec.capture", empty.capture().name()));
    }

    @Test
    @DisplayName("POL-05 the schema has the choices of the parser")
    void theSchemaHasTheChoicesOfTheParser() {
        Map<String, List<String>> choices = new TreeMap<>();
        SCHEMA.forEach((path, node) -> node.get("enum").ifPresent(values -> choices.put(path, texts(values))));
        assertThat(choices)
                .containsOnly(
                        Map.entry("spec.access", names(Access.values())),
                        Map.entry("spec.capture", names(Capture.values())),
                        Map.entry("spec.hosts[].action", names(Action.values())),
                        Map.entry("spec.hosts[].addresses", names(Addresses.values())),
                        Map.entry("spec.hosts[].tls", names(TlsMode.values())),
                        Map.entry("spec.keepCapabilities[]", List.of("SETGID", "SETUID")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "spec.hosts | maxItems | hosts of a policy | 1000",
                "spec.hosts[].ports | maxItems | ports of a host | 16",
                "spec.hosts[].credentials | maxItems | credentials of a host | 8",
                "spec.hosts[].resolveTo | maxItems | addresses in `resolveTo` | 16",
                "spec.serviceAccounts | maxItems | elements of `serviceAccounts`, `expose` | 100",
                "spec.expose | maxItems | elements of `serviceAccounts`, `expose` | 100",
                "spec.hosts[].credentials[].value | maxLength | a rendered header value | 16384"
            })
    void theSchemaHasTheLimitsOfTheManual(String path, String keyword, String row, int limit) {
        assertThat(text(schema(path), keyword)).isEqualTo(String.valueOf(limit));
        assertThat(manual).contains("| %s | %,d".formatted(row, limit));
    }

    @Test
    void theSchemaHasTheLimitsOfTheParser() {
        assertThat(limit("spec.hosts", "maxItems")).isEqualTo(HostEntries.MAX_HOSTS);
        assertThat(limit("spec.hosts[].ports", "maxItems")).isEqualTo(Ports.MAX_PER_HOST);
        assertThat(limit("spec.hosts[].credentials", "maxItems")).isEqualTo(Credentials.MAX_PER_HOST);
        assertThat(limit("spec.hosts[].resolveTo", "maxItems")).isEqualTo(HostEntryReader.MAX_RESOLVE_TO);
        assertThat(limit("spec.serviceAccounts", "maxItems")).isEqualTo(SpecReader.MAX_LIST);
        assertThat(limit("spec.expose", "maxItems")).isEqualTo(SpecReader.MAX_LIST);
        assertThat(limit("spec.hosts[].credentials[].header", "maxLength")).isEqualTo(HeaderNames.MAX_LENGTH);
        assertThat(limit("spec.hosts[].credentials[].format", "maxLength")).isEqualTo(Credentials.MAX_FORMAT);
        assertThat(limit("spec.hosts[].credentials[].value", "maxLength")).isEqualTo(Credentials.MAX_RENDERED_BYTES);
        assertThat(crd).contains("has(h.resolveTo)).size() <= " + HostEntries.MAX_OWN_UPSTREAMS);
        assertThat(manual)
                .contains("| hosts with `trustedCa` or `resolveTo` | " + HostEntries.MAX_OWN_UPSTREAMS)
                .contains("at most %d characters".formatted(limit("spec.hosts[].host", "maxLength")))
                .contains("at most %,d characters".formatted(Credentials.MAX_FORMAT))
                .contains("at most %d characters".formatted(HeaderNames.MAX_LENGTH));
    }

    /** The fields that the parser names when it finds another one there. */
    private static Set<String> fieldsOfTheParser(String object) {
        StringBuilder document = new StringBuilder("{" + UNKNOWN + ": 1}");
        String[] names = object.isEmpty() ? new String[0] : object.split("\\.");
        for (int i = names.length - 1; i >= 0; i--) {
            boolean list = names[i].endsWith("[]");
            String inner = list ? "[" + document + "]" : document.toString();
            document = new StringBuilder("{" + names[i].replace("[]", "") + ": " + inner + "}");
        }
        String whole = "{apiVersion: sallyport.dev/v1alpha1, kind: EgressPolicy, " + document.substring(1);
        String prefix = "unknown field; expected one of ";
        return Policies.document(whole).problems().stream()
                .filter(problem -> problem.path().endsWith(UNKNOWN))
                .map(PolicyProblem::message)
                .filter(message -> message.startsWith(prefix))
                .flatMap(message ->
                        Arrays.stream(message.substring(prefix.length()).split(", ")))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** By the path of the object. */
    private static Map<String, Set<String>> fieldsOfTheSchema() {
        Map<String, Set<String>> fields = new TreeMap<>();
        SCHEMA.forEach((path, node) -> node.get("properties")
                .ifPresent(properties -> fields.put(
                        path,
                        ((YamlMap) properties)
                                .fields().stream()
                                        .map(YamlMap.Field::name)
                                        .collect(Collectors.toCollection(TreeSet::new)))));
        fields.computeIfPresent("", (root, names) -> {
            names.addAll(Set.of("apiVersion", "kind"));
            return names;
        });
        return fields;
    }

    private static void walk(String path, YamlMap node) {
        SCHEMA.put(path, node);
        node.get("items").ifPresent(items -> walk(path + "[]", (YamlMap) items));
        node.get("properties").ifPresent(properties -> {
            for (YamlMap.Field field : ((YamlMap) properties).fields()) {
                if (!path.isEmpty() || field.name().equals("spec")) {
                    walk(path.isEmpty() ? field.name() : path + "." + field.name(), (YamlMap) field.value());
                }
            }
        });
    }

    private static void paths(String path, YamlNode node, Set<String> paths) {
        paths.add(path);
        if (node instanceof YamlMap map) {
            map.fields()
                    .forEach(field ->
                            paths(path.isEmpty() ? field.name() : path + "." + field.name(), field.value(), paths));
        } else if (node instanceof YamlList list) {
            list.items().forEach(item -> paths(path + "[]", item, paths));
        }
    }

    private static YamlMap schema(String path) {
        return Objects.requireNonNull(SCHEMA.get(path), path);
    }

    private static YamlNode at(YamlMap map, String... names) {
        YamlNode node = map;
        for (String name : names) {
            node = ((YamlMap) node).get(name).orElseThrow();
        }
        return node;
    }

    private static int limit(String path, String keyword) {
        return Integer.parseInt(text(schema(path), keyword));
    }

    private static String text(YamlMap node, String name) {
        return ((YamlScalar) node.get(name).orElseThrow()).text();
    }

    private static List<String> texts(YamlNode list) {
        return ((YamlList) list)
                .items().stream().map(item -> ((YamlScalar) item).text()).toList();
    }

    private static List<String> names(Enum<?>... values) {
        return Arrays.stream(values).map(Enum::name).toList();
    }
}
