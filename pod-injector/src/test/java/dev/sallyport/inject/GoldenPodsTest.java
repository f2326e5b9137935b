package dev.sallyport.inject;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Each folder below {@code golden} is a case: a policy, a Pod, the Pod as it becomes, and what its author is told. With {@code -Dgolden.update=true} the last two are written anew. The bootstraps, which are the same in many, stand in
 * files of their own.
 */
@DisplayName("INJ-01 INJ-02 INJ-03 INJ-12 INJ-13 INJ-14 TRUST-01 TRUST-02 TRUST-03 TRUST-04 TRUST-05 golden Pods")
class GoldenPodsTest {
    private static final Path GOLDEN = Path.of("src/test/resources/dev/sallyport/inject/golden");
    private static final boolean UPDATE = Boolean.getBoolean("golden.update");
    private static final List<String> FILES = List.of("patched.yaml", "pod.yaml", "policy.yaml", "warnings.txt");

    @TestFactory
    Stream<DynamicTest> becomesWhatTheGoldenFilesSay() throws IOException {
        return cases().stream()
                .map(folder -> DynamicTest.dynamicTest(name(folder), () -> {
                    ObjectNode pod = Pods.yaml(read(folder, "pod.yaml"));
                    Injection injection = Pods.injector(Pods.compiled(read(folder, "policy.yaml")))
                            .review(Pods.NAMESPACE, pod);
                    expect(folder, "patched.yaml", written(Pods.patched(pod, injection)));
                    expect(
                            folder,
                            "warnings.txt",
                            Pods.warnings(injection).stream()
                                    .map(line -> line + "\n")
                                    .reduce("", String::concat));
                }));
    }

    @TestFactory
    Stream<DynamicTest> staysAsItIsTheSecondTime() throws IOException {
        return cases().stream()
                .map(folder -> DynamicTest.dynamicTest(name(folder), () -> {
                    ObjectNode pod = Pods.yaml(read(folder, "pod.yaml"));
                    var policy = Pods.compiled(read(folder, "policy.yaml"));
                    ObjectNode once = Pods.patched(pod, Pods.injector(policy).review(Pods.NAMESPACE, pod));
                    // Another replica, which would have drawn another user id.
                    Injection again = Pods.injector(Pods.UID + 1, policy).review(Pods.NAMESPACE, once);
                    assertThat(Pods.patch(again)).isEmpty();
                    assertThat(Pods.warnings(again))
                            .isEqualTo(Pods.warnings(Pods.injector(policy).review(Pods.NAMESPACE, pod)));
                }));
    }

    @Test
    void everyCaseHasAllItsFilesAndNoOther() throws IOException {
        for (Path folder : cases()) {
            try (Stream<Path> files = Files.list(folder)) {
                assertThat(files.map(GoldenPodsTest::name).sorted())
                        .as(name(folder))
                        .isEqualTo(FILES);
            }
        }
    }

    private static String written(ObjectNode pod) throws IOException {
        ObjectNode shown = pod.deepCopy();
        if (shown.at("/metadata/annotations") instanceof ObjectNode annotations) {
            annotations.replace(InjectionRevision.ANNOTATION, annotations.textNode("a hash"));
        }
        for (JsonNode container : shown.path("spec").path("initContainers")) {
            if (container.path("name").asText().equals("sallyport")) {
                ArrayNode args = (ArrayNode) container.get("args");
                expect(
                        GOLDEN,
                        "bootstrap-" + capture(args.get(1).asText()) + ".yaml",
                        args.get(1).asText());
                args.set(1, "the text of bootstrap-" + capture(args.get(1).asText()) + ".yaml");
            }
        }
        return Pods.YAML.writeValueAsString(shown);
    }

    private static String capture(String bootstrap) {
        return bootstrap.contains("capture: 0") ? "proxy" : "redirect";
    }

    private static void expect(Path folder, String file, String found) throws IOException {
        Path path = folder.resolve(file);
        if (UPDATE) {
            Files.writeString(path, found);
        }
        assertThat(found).as(path.toString()).isEqualTo(Files.readString(path));
    }

    private static String read(Path folder, String file) throws IOException {
        return Files.readString(folder.resolve(file));
    }

    private static List<Path> cases() throws IOException {
        try (Stream<Path> folders = Files.list(GOLDEN)) {
            return folders.filter(Files::isDirectory).sorted().toList();
        }
    }

    private static String name(Path path) {
        return path.getFileName().toString();
    }
}
