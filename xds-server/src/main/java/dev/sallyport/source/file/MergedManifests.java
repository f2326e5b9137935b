package dev.sallyport.source.file;

import dev.sallyport.credential.StoredSecret;
import dev.sallyport.policy.PolicyProblem;
import dev.sallyport.source.StoredConfigMap;
import dev.sallyport.source.file.Manifests.Manifest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/** The manifests of all files. An object that is defined twice cannot be used: which of the two was meant is not ours to guess. */
final class MergedManifests {
    private final SortedMap<String, StoredSecret> secrets;
    private final SortedMap<String, StoredConfigMap> configMaps;
    private final List<PolicyProblem> problems = new ArrayList<>();

    MergedManifests(List<Manifests> files) {
        files.forEach(file -> problems.addAll(file.problems()));
        secrets = merge(files.stream().flatMap(file -> file.secrets().stream()).toList(), StoredSecret::broken);
        configMaps =
                merge(files.stream().flatMap(file -> file.configMaps().stream()).toList(), StoredConfigMap::broken);
    }

    private <T> SortedMap<String, T> merge(List<Manifest<T>> manifests, Function<String, T> broken) {
        Map<String, Manifest<T>> first = new TreeMap<>();
        SortedMap<String, T> merged = new TreeMap<>();
        for (Manifest<T> manifest : manifests) {
            Manifest<T> earlier = first.putIfAbsent(manifest.id(), manifest);
            if (earlier == null) {
                merged.put(manifest.id(), manifest.content());
            } else {
                merged.put(
                        manifest.id(),
                        broken.apply("it is defined twice, in " + earlier.place() + " and " + manifest.place()));
                problems.add(new PolicyProblem(
                        PolicyProblem.Severity.ERROR,
                        manifest.file(),
                        manifest.line(),
                        manifest.kind() + " " + manifest.id(),
                        "",
                        "defined already in " + earlier.place() + "; neither is used"));
            }
        }
        return merged;
    }

    SortedMap<String, StoredSecret> secrets() {
        return secrets;
    }

    SortedMap<String, StoredConfigMap> configMaps() {
        return configMaps;
    }

    List<PolicyProblem> problems() {
        return problems;
    }
}
