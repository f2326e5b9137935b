package dev.sallyport.cli;

import dev.sallyport.credential.StoredSecrets;
import dev.sallyport.policy.Compilation;
import dev.sallyport.policy.CredentialSpec;
import dev.sallyport.policy.EgressPolicy;
import dev.sallyport.policy.HostEntry;
import dev.sallyport.policy.PolicyCompiler;
import dev.sallyport.policy.PolicyDocument;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.PolicyProblem;
import dev.sallyport.policy.PolicyProblem.Severity;
import dev.sallyport.source.SourceState;
import dev.sallyport.source.file.FileSource;
import dev.sallyport.source.file.FileSourceConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Everything that is wrong with files of policies and manifests, read as a control plane reads them.
 *
 * @param policies how many are in force
 * @param problems of documents and files, sorted
 * @param directories what went wrong with {@code --secrets} and {@code --config-maps}, one line each
 */
record PolicyCheck(int policies, List<PolicyProblem> problems, List<String> directories) {
    PolicyCheck {
        problems = List.copyOf(problems);
        directories = List.copyOf(directories);
    }

    /** Stands for standard input among the files. */
    private static final Path STANDARD_INPUT = Path.of("-");

    /** Checks files, and standard input where one is {@code -}. */
    static PolicyCheck of(FileSourceConfig files, InputStream in) throws IOException {
        if (!files.policies().contains(STANDARD_INPUT)) {
            return of(files);
        }
        Path directory = Files.createTempDirectory("sallyport-check-");
        Path copy = directory.resolve("stdin.yaml");
        try {
            Files.copy(in, copy);
            List<Path> paths = files.policies().stream()
                    .map(path -> path.equals(STANDARD_INPUT) ? copy : path)
                    .toList();
            return of(FileSourceConfig.of(paths, files.secrets(), files.configMaps()))
                    .naming(copy.toString(), "stdin");
        } finally {
            Files.deleteIfExists(copy);
            Files.delete(directory);
        }
    }

    private PolicyCheck naming(String file, String name) {
        return new PolicyCheck(
                policies,
                problems.stream()
                        .map(problem -> new PolicyProblem(
                                problem.severity(),
                                problem.file().equals(file) ? name : problem.file(),
                                problem.line(),
                                problem.object(),
                                problem.path(),
                                problem.message().replace(file, name)))
                        .toList(),
                directories);
    }

    private static PolicyCheck of(FileSourceConfig files) {
        List<PolicyProblem> problems = new ArrayList<>();
        List<Path> there = new ArrayList<>();
        for (Path path : files.policies()) {
            if (Files.exists(path)) {
                there.add(path);
            } else {
                problems.add(ofFile(Severity.ERROR, path, "no such file or directory"));
            }
        }
        SourceState state = FileSource.read(FileSourceConfig.of(there, files.secrets(), files.configMaps()));
        Compilation compilation = PolicyCompiler.compile(state.documents());
        problems.addAll(compilation.problems());
        for (PolicyDocument document : state.documents().documents()) {
            document.policy().ifPresent(policy -> problems.addAll(unusable(document, policy, state, files)));
        }
        if (state.documents().documents().isEmpty() && problems.isEmpty()) {
            there.forEach(path -> problems.add(ofFile(Severity.WARNING, path, "no EgressPolicy found")));
        }
        return new PolicyCheck(compilation.policies().accepted().size(), problems, state.problems());
    }

    boolean hasErrors() {
        return !directories.isEmpty() || problems.stream().anyMatch(problem -> problem.severity() == Severity.ERROR);
    }

    boolean isClean() {
        return directories.isEmpty() && problems.isEmpty();
    }

    private static PolicyProblem ofFile(Severity severity, Path path, String message) {
        return new PolicyProblem(severity, path.toString(), 1, "file", "", message);
    }

    /** References that lead nowhere, or to what cannot be used. Looked at only where there is a place for what they name: elsewhere it comes from a cluster. */
    private static List<PolicyProblem> unusable(
            PolicyDocument document, EgressPolicy policy, SourceState state, FileSourceConfig files) {
        return policy.hosts().stream()
                .flatMap(entry -> Stream.of(
                                files.secrets().isPresent()
                                        ? unusableSecrets(policy, entry, state)
                                        : refusedSecrets(policy, entry, state),
                                files.configMaps().stream().flatMap(directory -> missingCa(policy, entry, state)))
                        .flatMap(messages -> messages)
                        .map(message -> new PolicyProblem(
                                Severity.WARNING,
                                document.file(),
                                document.hostLines().getOrDefault(entry.host(), document.line()),
                                "EgressPolicy " + policy.id(),
                                "spec.hosts",
                                "host " + entry.host() + ": " + message)))
                .toList();
    }

    private static Stream<String> unusableSecrets(EgressPolicy policy, HostEntry entry, SourceState state) {
        return entry.credentials().stream()
                .filter(credential -> credential.secret().isPresent())
                .flatMap(credential -> new RenderModel(policy, state)
                        .unusable(entry, credential).stream()
                                .map(reason -> "credential " + credential.header() + ": " + reason));
    }

    /** Where Secrets come from elsewhere, those that are here and say that they must not go to this host. */
    private static Stream<String> refusedSecrets(EgressPolicy policy, HostEntry entry, SourceState state) {
        return entry.credentials().stream()
                .flatMap(credential -> refusal(policy.id(), entry, credential, state.credentials()).stream()
                        .map(reason -> "credential " + credential.header() + ": " + reason));
    }

    /** Why the owner of a credential's Secret does not let it go to that host. */
    static Optional<String> refusal(
            PolicyId workload, HostEntry entry, CredentialSpec credential, StoredSecrets secrets) {
        return credential
                .secret()
                .flatMap(key -> secrets.refusal(
                        workload.namespace(), key.name(), entry.host().text()));
    }

    private static Stream<String> missingCa(EgressPolicy policy, HostEntry entry, SourceState state) {
        return entry.trustedCa().stream()
                .filter(key ->
                        state.configMaps().find(policy.id().namespace(), key).isEmpty())
                .map(key -> "trustedCa: ConfigMap " + policy.id().namespace() + "/" + key.name() + " has no key "
                        + key.key());
    }
}
