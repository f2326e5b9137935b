package dev.sallyport.source.file;

import dev.sallyport.credential.StoredSecret;
import dev.sallyport.policy.PolicyProblem;
import dev.sallyport.source.StoredConfigMap;
import java.util.List;

/**
 * The Secrets and ConfigMaps of one file, good and bad, in the order written.
 *
 * @param problems what is wrong with them, and documents of kinds that are not read at all
 */
record Manifests(
        List<Manifest<StoredSecret>> secrets,
        List<Manifest<StoredConfigMap>> configMaps,
        List<PolicyProblem> problems) {
    Manifests {
        secrets = List.copyOf(secrets);
        configMaps = List.copyOf(configMaps);
        problems = List.copyOf(problems);
    }

    /**
     * One of them.
     *
     * @param id {@code NAMESPACE/NAME}
     * @param kind as written
     * @param content what it holds, or why it cannot be used
     */
    record Manifest<T>(String kind, String id, String file, int line, T content) {
        String place() {
            return file + ":" + line;
        }
    }
}
