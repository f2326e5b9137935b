package dev.sallyport.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sallyport status}. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description =
                "Shows what running control planes see: workloads, what is wrong with their policies and Secrets, their sidecars.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sallyport status                              every run of this user",
            "  sallyport status --state /var/lib/sallyport   an xds-server",
            "  sallyport status --output json",
            "",
            "Exit codes: 0 shown; 1 nothing runs; 125 it cannot be asked."
        })
final class StatusCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Option(names = "--state", paramLabel = "DIR", description = "The control plane's state directory.")
    private @Nullable Path state;

    @Option(
            names = "--output",
            paramLabel = "FORMAT",
            description = "text (default) or json: a list with one object for each control plane.")
    private OutputFormat output = OutputFormat.TEXT;

    @Override
    public Integer call() throws IOException {
        ArrayNode reports = JSON.createArrayNode();
        for (Path directory : StateChoice.of(Optional.ofNullable(state))) {
            reports.add(JSON.readTree(ask(directory)));
        }
        if (output == OutputFormat.JSON) {
            System.out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(reports));
        } else {
            reports.forEach(report -> System.out.print(text(report)));
        }
        return ExitCode.OK;
    }

    private static String ask(Path directory) throws IOException {
        Path socket = StateDirectory.statusSocket(directory);
        try {
            return StatusSocket.read(socket);
        } catch (SocketException e) {
            throw new UserError(
                    ExitCode.NO,
                    "no control plane runs with state " + directory + " (" + socket + ": " + e.getMessage() + ")");
        }
    }

    static String text(JsonNode report) {
        StringBuilder text = new StringBuilder("control plane: process "
                + report.path("pid").asText() + ", port "
                + report.path("port").asText() + ", state "
                + report.path("state").asText()
                + (report.path("synced").asBoolean() ? "" : ", not ready: the policies were not read yet") + "\n");
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("WORKLOAD", "POLICY", "HOSTS", "SIDECARS", "REVISION"));
        report.path("workloads").forEach(workload -> rows.add(row(workload)));
        text.append(rows.size() == 1 ? "no policies\n" : Terminal.table(rows));
        problems(report)
                .forEach(problem ->
                        text.append("! ").append(Terminal.printable(problem)).append('\n'));
        return text.toString();
    }

    private static List<String> row(JsonNode workload) {
        int connected = workload.path("sidecars").size();
        long current = stream(workload.path("sidecars"))
                .filter(sidecar -> sidecar.path("current").asBoolean())
                .count();
        String revision = workload.path("revision").asText();
        return List.of(
                workload.path("workload").asText(),
                workload.path("accepted").asBoolean() ? "accepted" : "REJECTED",
                workload.path("hosts").asText(),
                connected == current ? Integer.toString(connected) : current + " of " + connected + " current",
                revision.substring(0, Math.min(12, revision.length())));
    }

    private static List<String> problems(JsonNode report) {
        List<String> problems = new ArrayList<>();
        report.path("problems").forEach(problem -> problems.add(problem.asText()));
        report.path("sourceProblems").forEach(problem -> problems.add(problem.asText()));
        report.path("workloads").forEach(workload -> {
            String id = workload.path("workload").asText() + ": ";
            workload.path("problems").forEach(problem -> problems.add(id + problem.asText()));
            workload.path("credentialsUnavailable")
                    .forEach(credential ->
                            problems.add(id + credential.path("header").asText() + " of "
                                    + credential.path("host").asText() + ": "
                                    + credential.path("reason").asText()));
            workload.path("trustedCasUnavailable")
                    .forEach(ca ->
                            problems.add(id + "trustedCa of " + ca.path("host").asText() + ": "
                                    + ca.path("reason").asText()));
            workload.path("sidecars")
                    .forEach(sidecar -> sidecar.path("rejected")
                            .forEach(resource -> problems.add(
                                    id + "sidecar " + sidecar.path("node").asText() + " rejects "
                                            + resource.path("name").asText() + ": "
                                            + resource.path("reason").asText())));
        });
        return problems.stream().distinct().toList();
    }

    private static Stream<JsonNode> stream(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }
}
