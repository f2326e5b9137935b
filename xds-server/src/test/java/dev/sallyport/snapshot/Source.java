package dev.sallyport.snapshot;

import dev.sallyport.credential.CredentialLookup;
import dev.sallyport.credential.CredentialValue;
import dev.sallyport.credential.StoredSecret;
import dev.sallyport.credential.StoredSecrets;
import dev.sallyport.policy.ParsedFile;
import dev.sallyport.policy.PolicyDocument;
import dev.sallyport.policy.PolicyDocuments;
import dev.sallyport.policy.PolicyParser;
import dev.sallyport.policy.PolicyProblem;
import dev.sallyport.source.SourceState;
import dev.sallyport.source.StoredConfigMap;
import dev.sallyport.source.StoredConfigMaps;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a source holds, to be edited by a test. A file that was not edited is not parsed again, as with real sources. */
final class Source {
    private final Map<String, ParsedFile> files = new TreeMap<>();
    private final Map<String, StoredSecret> secrets = new HashMap<>();
    private final Map<String, StoredConfigMap> configMaps = new HashMap<>();
    private StoredSecrets store = StoredSecrets.of(Map.of(), Map.of());
    private StoredConfigMaps maps = StoredConfigMaps.NONE;

    Source policy(String name, String spec) {
        return file(name + ".yaml", """
                apiVersion: sallyport.dev/v1alpha1
                kind: EgressPolicy
                metadata: {name: %s, namespace: agents}
                spec: {%s}
                """.formatted(name, spec));
    }

    Source file(String file, String yaml) {
        files.put(file, PolicyParser.parse(file, yaml));
        return this;
    }

    Source remove(String file) {
        files.remove(file);
        return this;
    }

    /** One key, {@code token}, of a Secret in the namespace {@code agents}. */
    Source secret(String name, String value) {
        TreeMap<String, CredentialLookup> keys = new TreeMap<>();
        keys.put("token", new CredentialLookup.Found(CredentialValue.ofText(value)));
        secrets.put("agents/" + name, StoredSecret.of(keys));
        store = StoredSecrets.of(secrets, Map.of());
        return this;
    }

    Source removeSecret(String name) {
        secrets.remove("agents/" + name);
        store = StoredSecrets.of(secrets, Map.of());
        return this;
    }

    Source configMap(String name, String key, String value) {
        configMaps.put("agents/" + name, StoredConfigMap.of(new TreeMap<>(Map.of(key, value))));
        maps = StoredConfigMaps.of(configMaps, Map.of());
        return this;
    }

    SourceState state() {
        List<PolicyDocument> documents = new ArrayList<>();
        List<PolicyProblem> problems = new ArrayList<>();
        files.values().forEach(file -> {
            documents.addAll(file.policies());
            problems.addAll(file.problems());
        });
        return new SourceState(new PolicyDocuments(documents, problems), store, maps, List.of());
    }
}
