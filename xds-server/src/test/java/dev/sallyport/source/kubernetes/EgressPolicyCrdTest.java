package dev.sallyport.source.kubernetes;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testing.kubernetes.ApiReply;
import dev.sallyport.testing.kubernetes.KubernetesCluster;
import dev.sallyport.testing.kubernetes.KubernetesOptions;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The schema of policies, as a real API server understands it, against the documents that the parser is held against. */
class EgressPolicyCrdTest {
    private static final Path ROOT = Path.of(System.getProperty("basedir", ".")).resolve("..");
    private static final Path CORPUS = ROOT.resolve("policy/src/test/resources/dev/sallyport/policy/corpus");
    private static final String POLICIES = "/apis/sallyport.dev/v1alpha1/namespaces/agents/egresspolicies";
    private static final Pattern COMMENT = Pattern.compile("\\A#.*\n");

    private static KubernetesCluster cluster;
    private static String applied = "";

    @BeforeAll
    static void start() {
        cluster = KubernetesCluster.start(KubernetesOptions.DEFAULT);
        Stream.of("agents", "builds", "reporting").forEach(EgressPolicyCrdTest::createNamespace);
        applied = cluster.apply(ROOT.resolve("manifests/crd"));
        // A field that nobody knows is kept as long as nothing refuses it: the positive control of the admission
        // policy.
        assertThat(create("old", "{hosts: [{host: a.example.com, acton: Deny}]}")
                        .body())
                .contains("\"acton\":\"Deny\"");
        applied += cluster.apply(ROOT.resolve("manifests/admission/egresspolicy-fields.yaml"));
        eventually(() -> assertThat(tried("{acces: None}").status()).isEqualTo(422));
    }

    private static void createNamespace(String name) {
        cluster.client()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void theSchemaIsStructuralAndNobodyWarns() {
        assertThat(applied)
                .contains("egresspolicies.sallyport.dev serverside-applied")
                .doesNotContain("Warning");
        assertThat(cluster.kubectl("get", "crd", "egresspolicies.sallyport.dev", "-o", conditions("type"))
                        .output())
                .isEqualTo("NamesAccepted Established");
        assertThat(cluster.kubectl("get", "crd", "egresspolicies.sallyport.dev", "-o", conditions("status"))
                        .output())
                .isEqualTo("True True");
    }

    private static String conditions(String field) {
        return "jsonpath={.status.conditions[*]." + field + "}";
    }

    static List<String> accepted() {
        return documents("accepted.yaml");
    }

    static List<String> refused() {
        return documents("refused.yaml");
    }

    static List<String> compilerOnly() {
        return documents("compiler-only.yaml");
    }

    @ParameterizedTest
    @MethodSource("accepted")
    void whatTheParserAcceptsIsAccepted(String document) {
        assertThat(tryOut(document))
                .satisfies(reply -> assertThat(reply.status()).as(reply.body()).isEqualTo(201));
    }

    @ParameterizedTest
    @MethodSource("refused")
    @DisplayName("POL-21 what is wrong with a document is refused by the API server")
    void whatTheParserRefusesIsRefused(String document) {
        ApiReply reply = tryOut(document);
        assertThat(reply.status()).as(reply.body()).isIn(400, 404, 422);
        assertThat(reply.body()).doesNotContain("hunter2");
    }

    @ParameterizedTest
    @MethodSource("compilerOnly")
    @DisplayName("POL-21 what the schema cannot say is stored, for the compiler to refuse")
    void whatTheSchemaCannotSayIsStored(String document) {
        assertThat(tryOut(document))
                .satisfies(reply -> assertThat(reply.status()).as(reply.body()).isEqualTo(201));
    }

    @ParameterizedTest
    @ValueSource(strings = {"coding-agent", "internal-service", "no-egress", "web-reader"})
    void kubectlAppliesTheExamples(String example) {
        Path file = ROOT.resolve("examples").resolve(example + ".yaml");
        assertThat(cluster.kubectl("apply", "--dry-run=server", "-f", file.toString()))
                .satisfies(outcome ->
                        assertThat(outcome.exitCode()).as(outcome.output()).isZero());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{acces: None} | unknown field acces in spec; expected one of access,",
                "{hosts: [{host: a.example.com, acton: Deny}]} | unknown field acton of host a.example.com in spec.hosts; expected one of host,",
                "{hosts: [{host: a.example.com, timeouts: {connect: 1s}}]} | unknown field in timeouts, trustedCa or credentials of host a.example.com",
                "{certificates: {ttl: 1h}} | unknown field in spec.certificates; expected leafTtl",
                "{expose: [{name: a, port: 1, protocol: UDP}]} | unknown field in spec.expose; expected name and port"
            })
    @DisplayName("POL-21 an unknown field is refused, also where the client did not ask for strict validation")
    void unknownFieldsAreRefusedForEveryClient(String spec, String message) {
        for (String validation : List.of("Strict", "Warn", "Ignore")) {
            ApiReply reply = send(document("p", spec), "?dryRun=All&fieldValidation=" + validation);
            assertThat(reply.status()).isEqualTo(422);
            assertThat(reply.body()).contains(message);
        }
    }

    @Test
    void anUnknownFieldThatIsStoredKeepsTheSpecAsItIsAndTheMetadataWritable() {
        assertThat(patch("old", "{\"metadata\":{\"finalizers\":[]}}").status()).isEqualTo(200);
        assertThat(patch("old", "{\"spec\":{\"serviceAccounts\":[\"a\"]}}").status())
                .isEqualTo(422);
        assertThat(patch("old", "{\"spec\":{\"hosts\":[{\"host\":\"a.example.com\"}]}}")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void nothingIsDefaultedInsideOfAHostEntry() {
        String stored = create("defaults", "{hosts: [{host: a.example.com, action: Deny}, {host: b.example.com}]}")
                .body();
        assertThat(stored)
                .contains("\"hosts\":[{\"action\":\"Deny\",\"host\":\"a.example.com\"},{\"host\":\"b.example.com\"}]")
                .contains("\"access\":\"Restricted\",\"capture\":\"Redirect\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "access: None | {\"access\":\"Unrestricted\"} | spec.access",
                "access: None | {\"access\":null} | spec.access",
                "capture: Redirect | {\"capture\":\"Proxy\"} | spec.capture",
                "capture: Proxy | {\"capture\":null} | spec.capture"
            })
    void accessAndCaptureCannotBeChanged(String before, String change, String path) {
        String name = "fixed-" + Integer.toHexString((before + change).hashCode());
        assertThat(create(name, "{" + before + "}").status()).isEqualTo(201);
        ApiReply reply = patch(name, "{\"spec\":" + change + "}");
        assertThat(reply.status()).isEqualTo(422);
        assertThat(reply.body()).contains(path).contains("cannot be changed on a policy that exists");
        assertThat(patch(name, "{\"spec\":{\"serviceAccounts\":[\"a\"]}}").status())
                .isEqualTo(200);
    }

    @Test
    void aThousandHostsAreAcceptedAndOneMoreIsNot() {
        assertThat(tried("{hosts: [" + hosts(1_000, "") + "]}").status()).isEqualTo(201);
        assertThat(tried("{hosts: [" + hosts(1_001, "") + "]}").status()).isEqualTo(422);
        assertThat(tried("{hosts: [" + hosts(32, ", resolveTo: [10.0.0.1]") + "]}")
                        .status())
                .isEqualTo(201);
        assertThat(tried("{hosts: [" + hosts(33, ", resolveTo: [10.0.0.1]") + "]}")
                        .body())
                .contains("expected at most 32 hosts with trustedCa or resolveTo");
    }

    @Test
    void theStatusIsASubresourceThatKubectlShows() {
        assertThat(create("shown", "{hosts: [{host: a.example.com}]}").status()).isEqualTo(201);
        String status = """
                {"status": {"observedGeneration": 1, "hosts": 1, "revision": "r1", "programmed": "2/3",
                 "sidecars": {"connected": 3, "current": 2, "rejecting": 1}, "podsWithoutSidecar": 1,
                 "serviceAddress": "shown.agents.svc", "messages": ["sidecar of Pod a rejects the listener"],
                 "conditions": [
                  {"type": "Accepted", "status": "True", "reason": "Valid", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z"},
                  {"type": "CredentialsReady", "status": "False", "reason": "SecretMissing", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z"}]}}
                """;
        ApiReply written = cluster.send("PATCH", POLICIES + "/shown/status", "application/merge-patch+json", status);
        assertThat(written.status()).as(written.body()).isEqualTo(200);
        assertThat(written.body()).contains("\"generation\":1").contains("\"rejecting\":1");
        assertThat(patch("shown", "{\"status\":{\"programmed\":\"3/3\"}}").body())
                .contains("\"programmed\":\"2/3\"");
        assertThat(cluster.kubectl("get", "egp", "-n", "agents", "shown").output())
                .containsPattern("NAME +ACCESS +HOSTS +ACCEPTED +CREDENTIALS +PROGRAMMED +AGE")
                .containsPattern("shown +Restricted +1 +True +False +2/3 ");
    }

    private static String hosts(int count, String fields) {
        return IntStream.range(0, count)
                .mapToObj(i -> "{host: h" + i + ".example.com" + fields + "}")
                .collect(Collectors.joining(", "));
    }

    private static ApiReply create(String name, String spec) {
        return send(document(name, spec), "");
    }

    private static ApiReply tried(String spec) {
        return tryOut(document("p", spec));
    }

    private static ApiReply tryOut(String document) {
        return send(document, "?dryRun=All&fieldValidation=Strict");
    }

    private static ApiReply send(String document, String query) {
        return cluster.send("POST", POLICIES + query, "application/yaml", document);
    }

    private static ApiReply patch(String name, String change) {
        return cluster.send("PATCH", POLICIES + "/" + name, "application/merge-patch+json", change);
    }

    private static String document(String name, String spec) {
        return "apiVersion: sallyport.dev/v1alpha1\nkind: EgressPolicy\nmetadata: {name: " + name + "}\nspec: " + spec
                + "\n";
    }

    private static List<String> documents(String file) {
        try {
            String text =
                    COMMENT.matcher(Files.readString(CORPUS.resolve(file))).replaceFirst("");
            return Stream.of(text.split("\n---\n"))
                    .map(document -> document.contains("apiVersion") || document.contains("kind: EgressPolicy")
                            ? document
                            : document("p", "\n  " + document.replace("\n", "\n  ")))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
