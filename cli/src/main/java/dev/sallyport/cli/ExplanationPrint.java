package dev.sallyport.cli;

import dev.sallyport.credential.StoredSecrets;
import dev.sallyport.policy.Action;
import dev.sallyport.policy.CredentialSpec;
import dev.sallyport.policy.Explanation;
import dev.sallyport.policy.HostEntry;
import dev.sallyport.policy.PolicyProblem;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.TlsMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An {@link Explanation} as {@code explain} prints it. */
final class ExplanationPrint {
    private ExplanationPrint() {}

    /** The verdict, then a line for each thing that there is to say. */
    static List<String> text(Explanation explanation, StoredSecrets secrets) {
        List<String> lines = new ArrayList<>();
        lines.add(explanation
                .decision()
                .reason()
                .map(reason -> "denied: " + reason.code())
                .orElse("allowed"));
        lines.add(field("policy", explanation.policy().toString()));
        lines.add(field("destination", destination(explanation)));
        lines.add(field("decided by", decider(explanation)));
        lines.add(field("because", explanation.because()));
        passed(explanation).ifPresent(entry -> {
            lines.add(field("tls", tls(explanation, entry)));
            entry.credentials()
                    .forEach(c -> lines.add(field("sets header", c.header() + " from " + source(explanation, c))));
        });
        refusals(explanation, secrets)
                .forEach(reason -> lines.add(field("but", "500, credential_unavailable: " + reason)));
        explanation.problems().stream().map(PolicyProblem::toString).forEach(lines::add);
        return lines;
    }

    private static String field(String name, String value) {
        return "  %-12s %s".formatted(name, value);
    }

    private static String destination(Explanation explanation) {
        String host = explanation.destination().host();
        String shown = host.contains(":") ? "[" + host + "]" : host;
        return shown + ":" + explanation.destination().port()
                + (explanation.destination().upgraded() ? ", upgraded to TLS by the sidecar" : "");
    }

    private static String decider(Explanation explanation) {
        return explanation
                        .decision()
                        .entry()
                        .map(entry -> "entry " + entry.host())
                        .orElse("no entry") + ", " + explanation.place();
    }

    private static Optional<HostEntry> passed(Explanation explanation) {
        return explanation
                .decision()
                .entry()
                .filter(entry -> explanation.decision().allowed() && entry.action() == Action.Allow);
    }

    private static String tls(Explanation explanation, HostEntry entry) {
        if (entry.tls() == TlsMode.Intercept) {
            return "Intercept: the sidecar checks each request and verifies the upstream";
        }
        return explanation.destination().upgraded()
                ? "the sidecar opens TLS and verifies the upstream (Passthrough counts for https:// only)"
                : "Passthrough: forwarded unread by server name; the app verifies the upstream";
    }

    /** Secrets of the files that must not go to this host. Those that are not in the files are not looked at. */
    private static List<String> refusals(Explanation explanation, StoredSecrets secrets) {
        return passed(explanation).stream()
                .flatMap(entry -> entry.credentials().stream()
                        .flatMap(credential ->
                                PolicyCheck.refusal(explanation.policy(), entry, credential, secrets).stream()))
                .distinct()
                .toList();
    }

    private static String source(Explanation explanation, CredentialSpec credential) {
        return credential
                .secret()
                .map(key -> "Secret " + explanation.policy().namespace() + "/" + key.name() + ", key " + key.key())
                .orElse("the policy (a constant)");
    }

    /** What {@code --output json} prints. */
    static Map<String, @Nullable Object> json(Explanation explanation, StoredSecrets secrets) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("allowed", explanation.decision().allowed());
        json.put("reason", explanation.decision().reason().map(Reason::code).orElse(null));
        json.put("policy", explanation.policy().toString());
        json.put("host", explanation.destination().host());
        json.put("port", explanation.destination().port());
        json.put("upgraded", explanation.destination().upgraded());
        json.put(
                "entry",
                explanation.decision().entry().map(entry -> entry.host().text()).orElse(null));
        json.put("place", explanation.place());
        json.put("because", explanation.because());
        json.put("tls", passed(explanation).map(entry -> entry.tls().name()).orElse(null));
        json.put(
                "headers",
                passed(explanation).map(HostEntry::credentials).orElse(List.of()).stream()
                        .map(CredentialSpec::header)
                        .toList());
        json.put("credentialProblems", refusals(explanation, secrets));
        json.put("problems", explanation.problems().stream().map(Json::problem).toList());
        return json;
    }
}
