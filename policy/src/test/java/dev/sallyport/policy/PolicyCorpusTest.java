package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The documents that the parser and the API server are both held against: the parser here, the schema of the API server in xds-server. */
class PolicyCorpusTest {
    private static final Path CORPUS =
            Path.of(System.getProperty("basedir", "."), "src/test/resources").resolve("dev/sallyport/policy/corpus");
    private static final Pattern COMMENT = Pattern.compile("\\A#.*\n");

    static List<String> accepted() {
        return documents("accepted.yaml");
    }

    static List<String> refused() {
        return Stream.of("refused.yaml", "compiler-only.yaml")
                .flatMap(file -> documents(file).stream())
                .toList();
    }

    private static List<String> documents(String file) {
        try {
            String text =
                    COMMENT.matcher(Files.readString(CORPUS.resolve(file))).replaceFirst("");
            return Stream.of(text.split("\n---\n"))
                    .map(document -> document.contains("apiVersion") || document.contains("kind: EgressPolicy")
                            ? document
                            : Policies.withSpec(document.split("\n")))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("accepted")
    void theParserAccepts(String document) {
        assertThat(Policies.errors(document)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("refused")
    void theParserRefuses(String document) {
        assertThat(Policies.errors(document)).isNotEmpty();
    }
}
