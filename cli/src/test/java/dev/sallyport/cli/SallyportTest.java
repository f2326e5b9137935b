package dev.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class SallyportTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void helpHasExamplesAndExitCodes() {
        assertThat(execute("--help")).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("Examples:", "sallyport run --policy", "Exit codes: 0 good");
    }

    @Test
    void theVersionIsTheOneThatWasBuilt() {
        assertThat(execute("--version")).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).matches("sallyport \\d+\\.\\d+\\.\\d+(-SNAPSHOT)?\\R");
    }

    @Test
    void everyCommandHasHelpWithExamples() {
        Sallyport.commandLine().getSubcommands().forEach((name, command) -> {
            StringWriter help = new StringWriter();
            command.usage(new PrintWriter(help));
            assertThat(help.toString()).as(name).contains("Example");
            if (!command.getCommandSpec().usageMessage().hidden()) {
                assertThat(execute(name, "--help")).as(name).isEqualTo(ExitCode.OK);
            }
            assertThat(command.getCommandSpec().usageMessage().footer())
                    .as(name)
                    .allMatch(line -> line.length() <= 80);
        });
    }

    @Test
    void theManifestStartsItAsItIs() throws IOException {
        String manifest = Files.readString(Path.of("../manifests/system/xds-server.yaml"));
        String[] arguments = manifest.substring(manifest.indexOf("        args:\n"))
                .lines()
                .skip(1)
                .takeWhile(line -> line.startsWith("        - "))
                .map(line -> line.substring("        - ".length()))
                .toArray(String[]::new);
        assertThat(arguments).hasSizeGreaterThan(3).startsWith("xds-server");
        assertThat(Sallyport.commandLine().parseArgs(arguments).errors()).isEmpty();
    }

    @Test
    void aMissingCommandIsWrongUsageAndSaysSoInTwoLines() {
        assertThat(execute()).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString().lines())
                .containsExactly("sallyport: a command is missing", "Try 'sallyport --help'.");
    }

    @Test
    void anUnknownFlagIsWrongUsage() {
        assertThat(execute("--bogus")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("--bogus").doesNotContain("\tat ");
    }

    @Test
    void anUnknownFlagOfACommandIsOneLineAndAHint() {
        for (String name : Sallyport.commandLine().getSubcommands().keySet()) {
            StringWriter said = new StringWriter();
            assertThat(Sallyport.commandLine().setErr(new PrintWriter(said)).execute(name, "--bogus"))
                    .as(name)
                    .isEqualTo(ExitCode.USAGE);
            assertThat(said.toString().lines())
                    .as(name)
                    .hasSizeLessThanOrEqualTo(3)
                    .allMatch(line -> !line.startsWith("\tat "))
                    .first()
                    .asString()
                    .startsWith("sallyport: ");
            assertThat(said.toString()).endsWith("Try 'sallyport " + name + " --help'.\n");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--listen 18000 | --listen",
                "--listen 127.0.0.1:99999 | port 0..65535",
                "--listen :1 | --listen",
                "--metrics nowhere --listen 127.0.0.1:0 | --metrics",
            })
    void badAddressesAreOneLine(String flags, String text) {
        String[] arguments = ("xds-server --policies p --state s " + flags).split(" ", -1);
        assertThat(execute(arguments)).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString().lines())
                .hasSize(2)
                .first()
                .asString()
                .startsWith("sallyport: ")
                .contains(text);
    }

    @Test
    void errorsOfPeopleAreOneLineEachAndBugsSayWhereToGo() {
        assertThat(reported(new UserError("a\nb"))).isEqualTo("sallyport: a\nsallyport: b\n");
        assertThat(reported(new NoSuchFileException("/x"))).isEqualTo("sallyport: /x: no such file or directory\n");
        assertThat(reported(new IllegalStateException("oops")))
                .startsWith("sallyport: internal error: IllegalStateException: oops\n")
                .contains("report it")
                .doesNotContain("\tat ");
    }

    private static String reported(Exception e) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        assertThat(Errors.report(e, new PrintStream(bytes, true, StandardCharsets.UTF_8)))
                .isEqualTo(ExitCode.FAILED);
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private int execute(String... args) {
        CommandLine commandLine =
                Sallyport.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return commandLine.execute(args);
    }
}
