package dev.sallyport.source.file;

import dev.sallyport.credential.StoredSecret;
import dev.sallyport.credential.StoredSecrets;
import dev.sallyport.policy.PolicyDocument;
import dev.sallyport.policy.PolicyDocuments;
import dev.sallyport.policy.PolicyProblem;
import dev.sallyport.source.SourceState;
import dev.sallyport.source.StoredConfigMap;
import dev.sallyport.source.StoredConfigMaps;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads everything there is into one state, and knows whether it differs from the one before. What is equal stays the same object. For one thread. */
final class StateReader {
    private final PolicyFiles policies;
    private final Optional<ObjectDirectory<StoredSecret>> secrets;
    private final Optional<ObjectDirectory<StoredConfigMap>> configMaps;
    private @Nullable SourceState last;

    StateReader(FileSourceConfig config) {
        this.policies = new PolicyFiles(config.policies());
        this.secrets = config.secrets().map(SecretDirectory::of);
        this.configMaps = config.configMaps().map(ConfigMapDirectory::of);
    }

    /**
     * @param changed whether the state differs from the one that was read before
     * @param directories what to watch for the next change
     */
    record Reading(SourceState state, boolean changed, SortedSet<Path> directories) {}

    Reading read() {
        PolicyFiles.Reading files = policies.read();
        MergedManifests manifests = new MergedManifests(
                files.files().stream().map(PolicyFile::manifests).toList());
        List<String> problems = new ArrayList<>();
        SortedSet<Path> directories = new TreeSet<>(files.directories());
        Map<String, StoredSecret> secretFiles = objects(secrets, problems, directories);
        Map<String, StoredConfigMap> configMapFiles = objects(configMaps, problems, directories);
        SourceState state = new SourceState(
                documents(files, manifests.problems()),
                secrets(manifests, secretFiles, files),
                StoredConfigMaps.of(manifests.configMaps(), configMapFiles),
                problems);
        SourceState kept = keepEqual(state);
        boolean changed = !kept.equals(last);
        last = kept;
        return new Reading(kept, changed, directories);
    }

    private static StoredSecrets secrets(
            MergedManifests manifests, Map<String, StoredSecret> directory, PolicyFiles.Reading reading) {
        StoredSecrets secrets = StoredSecrets.of(manifests.secrets(), directory);
        return reading.files().stream()
                .flatMap(file -> file.problems().stream())
                .findFirst()
                .map(problem -> secrets.besideUnreadable(problem.file() + ":" + problem.line()))
                .orElse(secrets);
    }

    private static PolicyDocuments documents(PolicyFiles.Reading reading, List<PolicyProblem> ofManifests) {
        Collection<PolicyFile> files = reading.files();
        List<PolicyDocument> documents =
                files.stream().flatMap(file -> file.documents().stream()).toList();
        List<PolicyProblem> problems = new ArrayList<>(reading.problems());
        files.forEach(file -> problems.addAll(file.problems()));
        problems.addAll(ofManifests);
        return new PolicyDocuments(documents, problems);
    }

    private static <O> Map<String, O> objects(
            Optional<ObjectDirectory<O>> directory, List<String> problems, SortedSet<Path> directories) {
        if (directory.isEmpty()) {
            return Map.of();
        }
        ObjectDirectory.Reading<O> reading = directory.get().read();
        problems.addAll(reading.problems());
        directories.addAll(reading.directories());
        return reading.objects();
    }

    /** Parts that did not change stay the same objects, so that whoever compares them is done at once. */
    private SourceState keepEqual(SourceState state) {
        if (last == null) {
            return state;
        }
        SourceState kept = new SourceState(
                same(last.documents(), state.documents()),
                same(last.credentials(), state.credentials()),
                same(last.configMaps(), state.configMaps()),
                state.problems());
        return kept.equals(last) ? last : kept;
    }

    private static <T> T same(T before, T now) {
        return now.equals(before) ? before : now;
    }
}
