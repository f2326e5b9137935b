package dev.sallyport.source.file;

import dev.sallyport.credential.CredentialLookup;
import dev.sallyport.credential.CredentialValue;
import dev.sallyport.credential.SecretHosts;
import dev.sallyport.credential.StoredSecret;
import dev.sallyport.policy.PolicyProblem;
import dev.sallyport.policy.yaml.Excerpt;
import dev.sallyport.policy.yaml.YamlDocument;
import dev.sallyport.source.StoredConfigMap;
import dev.sallyport.source.file.Manifests.Manifest;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads {@code v1} Secret and ConfigMap manifests as an API server does with strict field validation. An object with an error cannot be used at all: half of a Secret is no Secret. No problem holds a value.
 */
public final class ManifestReader {
    private static final int MAX_OBJECT_BYTES = 1 << 20;
    private static final Set<String> SECRET_FIELDS =
            Set.of("apiVersion", "kind", "metadata", "data", "stringData", "type", "immutable");
    private static final Set<String> CONFIG_MAP_FIELDS =
            Set.of("apiVersion", "kind", "metadata", "data", "binaryData", "immutable");

    private final List<Manifest<StoredSecret>> secrets = new ArrayList<>();
    private final List<Manifest<StoredConfigMap>> configMaps = new ArrayList<>();
    private final List<PolicyProblem> problems = new ArrayList<>();

    private ManifestReader() {}

    /** What is wrong with documents that are no policies: unknown kinds, and Secrets and ConfigMaps that do not follow their schema. */
    public static List<PolicyProblem> check(List<YamlDocument> documents) {
        return read(documents).problems();
    }

    static Manifests read(List<YamlDocument> documents) {
        ManifestReader reader = new ManifestReader();
        documents.forEach(reader::add);
        return new Manifests(reader.secrets, reader.configMaps, reader.problems);
    }

    private void add(YamlDocument document) {
        boolean core = document.apiVersion().equals("v1");
        if (core && document.kind().equals("Secret")) {
            addSecret(new ManifestFields(document, SECRET_FIELDS));
        } else if (core && document.kind().equals("ConfigMap")) {
            addConfigMap(new ManifestFields(document, CONFIG_MAP_FIELDS));
        } else {
            problems.add(
                    new PolicyProblem(
                            PolicyProblem.Severity.ERROR,
                            document.file(),
                            document.line(),
                            document.object(),
                            "kind",
                            Excerpt.quoted(document.kind()) + " of apiVersion " + Excerpt.quoted(document.apiVersion())
                                    + " is not read (expected: EgressPolicy of sallyport.dev/v1alpha1, Secret or ConfigMap of v1)"));
        }
    }

    private void addSecret(ManifestFields fields) {
        SortedMap<String, CredentialLookup> keys = new TreeMap<>();
        int size = 0;
        for (Map.Entry<String, byte[]> value : fields.base64("data").entrySet()) {
            size += value.getValue().length;
            keys.put(value.getKey(), found(value.getValue()));
        }
        for (Map.Entry<String, String> value : fields.strings("stringData").entrySet()) {
            byte[] bytes = value.getValue().getBytes(StandardCharsets.UTF_8);
            size += bytes.length;
            keys.put(value.getKey(), found(bytes));
        }
        SecretHosts hosts = hosts(fields);
        fields.expectString("type");
        fields.expectBoolean("immutable");
        finish(fields, size)
                .ifPresent(id -> secrets.add(fields.manifest(
                        id,
                        fields.clean() ? StoredSecret.of(keys, hosts) : StoredSecret.broken(fields.brokenReason()))));
    }

    /** A malformed one is an error: the Secret cannot be used at all. */
    private static SecretHosts hosts(ManifestFields fields) {
        SecretHosts hosts = fields.annotation(SecretHosts.ANNOTATION)
                .map(SecretHosts::parse)
                .orElse(SecretHosts.ANY);
        hosts.problem().ifPresent(why -> fields.error("metadata.annotations." + SecretHosts.ANNOTATION, why));
        return hosts;
    }

    private static CredentialLookup found(byte[] value) {
        return new CredentialLookup.Found(CredentialValue.of(value));
    }

    private void addConfigMap(ManifestFields fields) {
        SortedMap<String, String> data = new TreeMap<>(fields.strings("data"));
        int size = data.values().stream().mapToInt(String::length).sum();
        for (Map.Entry<String, byte[]> value : fields.base64("binaryData").entrySet()) {
            size += value.getValue().length;
            try {
                data.put(value.getKey(), ConfigMapDirectory.text(value.getValue()));
            } catch (CharacterCodingException e) {
                fields.error("binaryData." + value.getKey(), "not UTF-8 text (expected: PEM)");
            }
        }
        fields.expectBoolean("immutable");
        finish(fields, size)
                .ifPresent(id -> configMaps.add(fields.manifest(
                        id,
                        fields.clean() ? StoredConfigMap.of(data) : StoredConfigMap.broken(fields.brokenReason()))));
    }

    /** The object's id; empty when it has none that is valid. */
    private Optional<String> finish(ManifestFields fields, int size) {
        if (size > MAX_OBJECT_BYTES) {
            fields.error("", size + " bytes in all (expected: at most 1 MiB)");
        }
        Optional<String> id = fields.id();
        problems.addAll(fields.problems());
        return id;
    }
}
