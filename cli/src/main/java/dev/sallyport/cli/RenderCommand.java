package dev.sallyport.cli;

import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.envoy.RenderedWorkload;
import dev.sallyport.policy.Access;
import dev.sallyport.source.file.FileSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sallyport render}. */
@Command(
        name = "render",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = {
            "Prints the Envoy resources that a policy's sidecars are given, as YAML. Secrets are left out; equal input gives equal output.",
            "",
            "A host whose Secret is missing is rendered as one that answers 500: name --secrets to see it otherwise."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sallyport render --policy policy.yaml",
            "  sallyport render --policy policies/ --workload agents/coder --secrets secrets/",
            "",
            "Exit codes: 0 printed; 125 the policy has errors; 2 wrong usage."
        })
final class RenderCommand implements Callable<Integer> {
    @Mixin
    private final SourceOptions sources = new SourceOptions();

    @Option(names = "--workload", paramLabel = "NAMESPACE/NAME", description = "Which policy, where there are several.")
    private @Nullable String workload;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli's
    private CommandSpec spec;

    @Override
    public Integer call() {
        PolicyChoice choice = PolicyChoice.of(sources.files(), Optional.ofNullable(workload));
        choice.warnings().forEach(line -> spec.commandLine().getErr().println("sallyport: " + line));
        if (choice.policy().access() != Access.Restricted) {
            throw new UserError("policy " + choice.policy().id() + " has access "
                    + choice.policy().access() + ", which has no sidecar: there is nothing to render");
        }
        RenderModel model = new RenderModel(choice.policy(), FileSource.read(sources.files()));
        spec.commandLine().getOut().print(RenderedWorkload.yaml(model.model(), SidecarPorts.DEFAULT));
        spec.commandLine().getOut().flush();
        return ExitCode.OK;
    }
}
