package dev.sallyport.testing.kubernetes;

import dev.sallyport.testing.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** kubectl, as one user. */
public final class Kubectl {
    private static final Pattern DEFINITION =
            Pattern.compile("customresourcedefinition\\.apiextensions\\.k8s\\.io/(\\S+)");

    private final Supplier<String> program;
    private final Path kubeconfig;

    Kubectl(Supplier<String> program, Path kubeconfig) {
        this.program = program;
        this.kubeconfig = kubeconfig;
    }

    /**
     * What came of one call.
     *
     * @param output both streams together
     */
    public record Outcome(int exitCode, String output) {}

    Path kubeconfig() {
        return kubeconfig;
    }

    String apply(Path... manifests) {
        List<String> arguments = new ArrayList<>(List.of("apply", "--server-side"));
        for (Path manifest : manifests) {
            arguments.add("--filename=" + manifest);
        }
        String output = succeed(arguments.toArray(String[]::new));
        if (output.contains("customresourcedefinition")) {
            succeed("wait", "--for=condition=Established", "--timeout=60s", "crd", "--all");
            DEFINITION.matcher(output).results().forEach(found -> awaitServed(found.group(1)));
        }
        return output;
    }

    /** A kind that is established is answered 404, and then 429, for a moment longer. */
    private void awaitServed(String kind) {
        Eventually.eventually(() -> {
            Outcome outcome = run("", "get", kind, "--all-namespaces");
            if (outcome.exitCode() != 0) {
                throw new AssertionError(kind + " is not served: " + outcome.output());
            }
        });
    }

    private String succeed(String... arguments) {
        Outcome outcome = run("", arguments);
        if (outcome.exitCode() != 0) {
            throw new IllegalStateException("kubectl " + String.join(" ", arguments) + " failed:\n" + outcome.output());
        }
        return outcome.output();
    }

    Outcome run(String input, String... arguments) {
        List<String> command = new ArrayList<>(List.of(program.get(), "--kubeconfig=" + kubeconfig));
        command.addAll(List.of(arguments));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            try (var stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Outcome(process.waitFor(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while kubectl ran", e);
        }
    }
}
