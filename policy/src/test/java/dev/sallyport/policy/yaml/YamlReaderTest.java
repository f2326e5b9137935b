package dev.sallyport.policy.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class YamlReaderTest {
    private static List<YamlDocument> read(String text) {
        return YamlReader.read("f.yaml", text);
    }

    private static YamlDocument one(String text) {
        List<YamlDocument> documents = read(text);
        assertThat(documents).hasSize(1);
        return documents.get(0);
    }

    private static YamlScalar scalar(String text) {
        return (YamlScalar) one("k: " + text).root().get("k").orElseThrow();
    }

    @Test
    void keepsTheLineOfEveryNode() {
        YamlDocument document = one("# comment\nkind: A\nspec:\n  hosts:\n  - host: a\n  - host: b\n");
        assertThat(document.line()).isEqualTo(2);
        assertThat(document.root().fields().get(1).line()).isEqualTo(3);
        YamlList hosts = (YamlList)
                document.root().map("spec").orElseThrow().get("hosts").orElseThrow();
        assertThat(hosts.items()).extracting(YamlNode::line).containsExactly(5, 6);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void countsLinesWhateverEndsThem(String end) {
        String text = String.join(end, "a: 1", "---", "b: 2", "", "c: [", "---", "kind: C", "d: 1", "d: 2", "");
        List<YamlDocument> documents = read(text);
        assertThat(documents).extracting(YamlDocument::line).containsExactly(1, 3, 7);
        assertThat(documents.get(2).defects()).extracting(YamlDefect::line).containsExactly(9);
    }

    @ParameterizedTest
    @CsvSource({
        "443, INTEGER", "0443, INTEGER", "0x1BB, INTEGER", "0o17, INTEGER", "+443, INTEGER", "-1, INTEGER",
                "443.0, FLOAT", "1e3, FLOAT", ".inf, FLOAT",
        "true, BOOLEAN", "False, BOOLEAN", "yes, STRING", "on, STRING", "~, NULL", "null, NULL", "'\"443\"', STRING",
                "'''443''', STRING", "1_000, STRING",
        "2024-01-01, STRING", "1h, STRING", "<<, STRING", "1:30, STRING"
    })
    void typesPlainScalarsByTheCoreSchema(String text, YamlScalar.Kind kind) {
        assertThat(scalar(text).kind()).isEqualTo(kind);
    }

    @Test
    void readsJson() {
        YamlDocument document = one(
                "{\n\t\"kind\": \"A\",\n\t\"n\": 1,\n\t\"s\": \"\\u00e9 \\ud83d\\ude00 \\/ \\n\",\n\t\"l\": []\n}\n");
        assertThat(document.defects()).isEmpty();
        assertThat(document.kind()).isEqualTo("A");
        assertThat(document.root().string("s")).contains("é \uD83D\uDE00 / \n");
    }

    @Test
    @DisplayName("POL-03 a duplicate key is a defect with the line of the second")
    void findsDuplicateKeys() {
        YamlDocument document = one("spec:\n  hosts:\n  - host: a\n    host: b\n1: x\n\"1\": y\n");
        assertThat(document.defects())
                .containsExactly(
                        new YamlDefect(4, "spec.hosts[0].host", "duplicate key, the first one is in line 3"),
                        new YamlDefect(6, "1", "duplicate key, the first one is in line 5"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a: &x 1", "a: &x 1\nb: *x", "a: &x {b: *x}", "a: &x [*x]", "a: *nowhere"})
    void refusesAnchorsAndAliases(String text) {
        assertThat(one(text).defects())
                .isNotEmpty()
                .allSatisfy(defect -> assertThat(defect.message()).containsAnyOf("anchors and aliases", "alias"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a: !!binary aGk=", "a: !foo b", "a: !!set {b}", "a: ! 1", "!!map {a: 1}"})
    void refusesTags(String text) {
        assertThat(one(text).defects())
                .extracting(YamlDefect::message)
                .containsExactly("tags (!…) are not supported, remove the tag");
    }

    @ParameterizedTest
    @ValueSource(strings = {"? [a]\n: b", "{[a]: b}", "? {a: b}\n: c"})
    void refusesKeysThatAreNoScalars(String text) {
        assertThat(one(text).defects())
                .hasSize(1)
                .first()
                .extracting(YamlDefect::message)
                .asString()
                .contains("as a key");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n\n", "# nothing\n", "---\n---\n# c\n---\n", "---\n...\n", "\uFEFF", "null"})
    void leavesEmptyDocumentsOut(String text) {
        assertThat(read(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"hello", "- a", "42", "[]", "--- x"})
    void refusesDocumentsThatAreNoObjects(String text) {
        assertThat(one(text).defects())
                .hasSize(1)
                .first()
                .extracting(YamlDefect::message)
                .asString()
                .contains("expected a map");
    }

    @Test
    void aSyntaxErrorEndsItsOwnDocumentOnly() {
        List<YamlDocument> documents = read("kind: A\n---\nkind: B\nmetadata: {name: b}\nspec: [\n---\nkind: C\n");
        assertThat(documents)
                .extracting(YamlDocument::object)
                .containsExactly("A default/?", "B default/b", "C default/?");
        assertThat(documents).extracting(document -> document.defects().size()).containsExactly(0, 1, 0);
        assertThat(documents.get(1).defects().get(0).line()).isBetween(5, 6);
        assertThat(documents.get(1).defects().get(0).message()).startsWith("not valid YAML: ");
    }

    @Test
    void readsSeveralDocumentsThatEndWithDots() {
        assertThat(read("kind: A\n...\nkind: B\n...\n"))
                .extracting(YamlDocument::kind)
                .containsExactly("A", "B");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a: 1\nb: \u0000", "a: 1\nb: \u001b[31m", "a: 1\nb: \ud800x"})
    void refusesUnprintableCharactersWithTheirLine(String text) {
        assertThat(one(text).defects()).hasSize(1).first().satisfies(defect -> {
            assertThat(defect.line()).isEqualTo(2);
            assertThat(defect.message()).contains("the character U+");
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a: \"\\U00110000\"",
                "a: \"\\uD800\"",
                "a: \"\\q\"",
                "a: b: c",
                "a: @x",
                "\ta: 1",
                "a: 'x",
                "%YAML 9.9\n---\na: 1",
                "a: |99\n x",
                "]",
                "{a: 1"
            })
    void oneDefectForASyntaxError(String text) {
        assertThat(read(text))
                .isNotEmpty()
                .anySatisfy(document -> assertThat(document.defects()).hasSize(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{a: ", "- ", "? ", "[{a: "})
    void isBoundedInDepth(String nest) {
        YamlDocument document = one("kind: A\nx:\n  " + nest.repeat(100_000));
        assertThat(document.kind()).isEqualTo("A");
        assertThat(document.defects()).extracting(YamlDefect::message).containsExactly("nested deeper than 64 levels");
    }

    @Test
    void billionLaughsIsRefusedAtTheFirstAnchor() {
        StringBuilder bomb = new StringBuilder("kind: A\na0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for (int i = 1; i < 30; i++) {
            bomb.append("a%d: &a%d [%s]%n".formatted(i, i, ("*a" + (i - 1) + ",").repeat(10)));
        }
        assertThat(one(bomb.toString()).defects()).isNotEmpty();
    }

    @Test
    void isBoundedInLength() {
        assertThat(one("a: " + "x".repeat(YamlReader.MAX_DOCUMENT_LENGTH)).defects())
                .extracting(YamlDefect::message)
                .containsExactly("the document is longer than 3 MiB");
        assertThat(one("a: 1\n---\n".repeat((YamlReader.MAX_FILE_LENGTH / 9) + 1))
                        .defects())
                .extracting(YamlDefect::message)
                .containsExactly("the file is longer than 16 MiB");
    }

    @Test
    void isBoundedInDocuments() {
        List<YamlDocument> documents = read("---\n".repeat(YamlReader.MAX_DOCUMENTS) + "kind: A\n");
        assertThat(documents).hasSize(1);
        assertThat(documents.get(0).defects())
                .extracting(YamlDefect::message)
                .containsExactly("the file has more than 20000 documents");
        assertThat(read("---\n".repeat(YamlReader.MAX_DOCUMENTS - 1) + "kind: A\n")
                        .get(0)
                        .kind())
                .isEqualTo("A");
    }

    @Test
    void itemsOfAListStandForThemselves() {
        List<YamlDocument> documents = read("apiVersion: v1\nkind: List\nitems:\n- kind: A\n- kind: B\n- 7\n");
        assertThat(documents).extracting(YamlDocument::line).containsExactly(4, 5, 6);
        assertThat(documents).extracting(YamlDocument::kind).containsExactly("A", "B", "");
        assertThat(documents.get(2).defects())
                .containsExactly(new YamlDefect(6, "items", "found an integer, expected an object"));
    }

    @Test
    void namesItsObject() {
        assertThat(one("kind: Secret\nmetadata: {name: a, namespace: n}").object())
                .isEqualTo("Secret n/a");
        assertThat(one("kind: Secret\nmetadata: {name: 1, namespace: 2}").object())
                .isEqualTo("Secret ?/?");
        assertThat(one("a: b").object()).isEqualTo("document");
    }

    @Test
    void printsNoValue() {
        YamlDocument document = one("kind: Secret\nstringData: {token: hunter2, list: [hunter2]}");
        assertThat(document.toString()).doesNotContain("hunter2").contains("token");
    }
}
