package dev.sallyport.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sallyport denials}. */
@Command(
        name = "denials",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Shows what sidecars refused, or what broke on the way, and what to do about it.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sallyport denials                        every 'sallyport run' of this user",
            "  sallyport denials --follow --output json",
            "  sallyport denials --access-log access.jsonl",
            "",
            "The sidecars of an xds-server write logs of their own: name one with",
            "--access-log.",
            "Exit codes: 0 shown, also when there are none; 1 nothing runs."
        })
final class DenialsCommand implements Callable<Integer> {
    @Option(names = "--state", paramLabel = "DIR", description = "The state directory of a 'sallyport run'.")
    private @Nullable Path state;

    @Option(names = "--access-log", paramLabel = "FILE", description = "A sidecar's access log.")
    private @Nullable Path accessLog;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on with what is refused from now on, until interrupted.")
    private boolean follow;

    @Option(names = "--output", paramLabel = "FORMAT", description = "text (default) or json: the lines of the log.")
    private OutputFormat output = OutputFormat.TEXT;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (accessLog != null && state != null) {
            throw new UserError(ExitCode.USAGE, "--state and --access-log exclude each other");
        }
        List<LogFollower> logs = files().stream().map(LogFollower::new).toList();
        boolean any = false;
        do {
            for (LogFollower log : logs) {
                for (String line : log.newLines()) {
                    any |= print(line);
                }
            }
        } while (follow && pause());
        if (!any && output == OutputFormat.TEXT) {
            System.out.println("no denials");
        }
        return ExitCode.OK;
    }

    private static boolean pause() throws InterruptedException {
        Thread.sleep(LogFollower.PERIOD_MILLIS);
        return true;
    }

    private List<Path> files() throws IOException {
        if (accessLog != null) {
            PolicyChoice.require(accessLog, "--access-log");
            return List.of(accessLog);
        }
        List<Path> files = StateChoice.of(Optional.ofNullable(state)).stream()
                .map(StateDirectory::denials)
                .filter(Files::exists)
                .toList();
        if (files.isEmpty()) {
            throw new UserError(
                    ExitCode.NO,
                    "no denials are kept there: the sidecars of an xds-server write logs of their own; name one with --access-log FILE");
        }
        return files;
    }

    private boolean print(String line) {
        Optional<AccessLogLine> denial =
                AccessLogLine.parse(line).filter(parsed -> parsed.reason().isPresent());
        denial.ifPresent(parsed -> System.out.println(
                output == OutputFormat.JSON
                        ? line
                        : parsed.time() + "  " + parsed.policy() + "  " + DenialText.of(parsed)));
        return denial.isPresent();
    }
}
