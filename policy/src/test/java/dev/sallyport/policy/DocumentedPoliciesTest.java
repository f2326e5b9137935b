package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What docs/POLICY.md and examples/ show works, and POLICY.md leaves nothing out. */
class DocumentedPoliciesTest {
    private static final Path ROOT = Path.of(System.getProperty("basedir", ".")).resolve("..");
    private static final Path POLICY_MD = ROOT.resolve("docs").resolve("POLICY.md");
    private static final Pattern YAML_BLOCK = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);

    static List<String> documented() {
        return YAML_BLOCK
                .matcher(read(POLICY_MD))
                .results()
                .map(block -> block.group(1))
                .map(DocumentedPoliciesTest::complete)
                .toList();
    }

    static Stream<Path> examples() throws IOException {
        try (Stream<Path> files = Files.list(ROOT.resolve("examples"))) {
            return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList().stream();
        }
    }

    /** A block without a head is a {@code spec}. */
    private static String complete(String block) {
        return block.startsWith("apiVersion") ? block : Policies.withSpec(block.split("\n"));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void isCleanAndInForce(ParsedFile file) {
        Compilation compiled = PolicyCompiler.compile(new PolicyDocuments(file.policies(), file.problems()));
        assertThat(compiled.problems()).isEmpty();
        assertThat(compiled.policies().accepted())
                .hasSameSizeAs(file.policies())
                .isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("documented")
    void everyPolicyOfTheManualIsAccepted(String yaml) {
        isCleanAndInForce(PolicyParser.parse("POLICY.md", yaml));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void everyExampleIsAccepted(Path file) {
        isCleanAndInForce(PolicyParser.parse(file.toString(), read(file)));
    }

    @Test
    void thereAreExamples() throws IOException {
        assertThat(documented()).hasSizeGreaterThanOrEqualTo(5);
        assertThat(examples()).hasSizeGreaterThanOrEqualTo(4);
    }

    @Test
    void theManualHasEveryFieldAndEveryReason() {
        String manual = read(POLICY_MD);
        Stream.of(SpecReader.FIELDS, HostEntryReader.FIELDS)
                .flatMap(Stream::of)
                .forEach(field -> assertThat(manual).containsPattern("\n\\| [^|]*`" + field + "(\\.[a-zA-Z]+)?`"));
        Stream.of(Reason.values()).forEach(reason -> assertThat(manual).contains("`" + reason.code() + "`"));
    }

    @Test
    void theManualsTableOfVerdictsIsTrue() {
        List<MatchResult> rows = Pattern.compile("\\| `(https://[^`]+)` \\| `?([a-z_]+)`? \\|")
                .matcher(read(POLICY_MD))
                .results()
                .toList();
        String policy = documented().stream()
                .filter(yaml -> yaml.contains("*.int.example.org"))
                .findFirst()
                .orElseThrow();
        assertThat(rows).hasSize(6).allSatisfy(row -> {
            Destination destination = Destination.parse(row.group(1));
            Decision decision = Decisions.decide(Policies.accepted(policy), destination.host(), destination.port());
            assertThat(decision.reason().map(Reason::code).orElse("allowed")).isEqualTo(row.group(2));
        });
    }

    @ParameterizedTest
    @CsvSource({
        "https://api.github.com/, allowed",
        "https://test.pypi.org/, allowed",
        "https://upload.pypi.org/, host_denied",
        "https://evil.example/, host_not_allowed"
    })
    void theCodingAgentReachesWhatItNeeds(String url, String verdict) {
        EgressPolicy policy = Policies.accepted(read(ROOT.resolve("examples").resolve("coding-agent.yaml")));
        Destination destination = Destination.parse(url);
        assertThat(Decisions.decide(policy, destination.host(), destination.port())
                        .reason()
                        .map(Reason::code)
                        .orElse("allowed"))
                .isEqualTo(verdict);
    }
}
