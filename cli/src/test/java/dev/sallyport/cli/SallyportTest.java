package dev.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;
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
            assertThat(command.getCommandSpec().usageMessage().footer())
                    .as(name)
                    .allMatch(line -> line.length() <= 80);
        });
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
