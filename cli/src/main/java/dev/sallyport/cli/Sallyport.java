package dev.sallyport.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code sallyport} command: one entry for every role. */
@Command(
        name = "sallyport",
        description = "Lets a command reach only the hosts that its policy names, with credentials that it never sees.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            RunCommand.class,
            CheckCommand.class,
            ExplainCommand.class,
            RenderCommand.class,
            StatusCommand.class,
            DenialsCommand.class,
            XdsServerCommand.class,
            PodInjectorCommand.class,
            SidecarCommand.class,
            WarmUpCommand.class
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sallyport demo                     see it work, with nothing else needed",
            "  sallyport run --policy policy.yaml -- curl https://api.example.com/",
            "  sallyport check policy.yaml        for CI",
            "  sallyport explain --policy policy.yaml https://api.example.com/",
            "",
            "Exit codes: 0 good; 1 no (errors in a policy, a URL that is denied, an",
            "unexpected verdict); 2 wrong usage; 125 sallyport itself failed. 'run' exits",
            "with the code of its command, 126 when that cannot be executed, 127 when it",
            "does not exist, 128+N when signal N ended it.",
            "'sallyport COMMAND --help' has more."
        })
public final class Sallyport implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli's
    private CommandSpec spec;

    /** Runs the command line and ends the process with its exit code. */
    public static void main(String[] args) {
        Thread.setDefaultUncaughtExceptionHandler(
                (thread, e) -> Runtime.getRuntime().halt(Errors.report(e, System.err)));
        LibraryLogging.quiet();
        System.exit(commandLine().execute(args));
    }

    /** All commands, ready to execute. */
    static CommandLine commandLine() {
        Errors errors = new Errors();
        return new CommandLine(new Sallyport())
                .setParameterExceptionHandler(errors)
                .setExecutionExceptionHandler(errors)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }
}
