package dev.sallyport.inject;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.sallyport.inject.Injection.Admitted;
import dev.sallyport.inject.Injection.Refused;
import dev.sallyport.policy.EgressPolicy;
import dev.sallyport.policy.PolicyCompiler;
import dev.sallyport.policy.PolicyDocuments;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.PolicyParser;
import dev.sallyport.settings.ClusterSettings;
import io.fabric8.zjsonpatch.JsonPatch;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Pods and policies as YAML, and what an injector makes of them. */
final class Pods {
    static final String NAMESPACE = "agents";
    static final int UID = 2_012_345_678;

    static final YAMLMapper YAML = new YAMLMapper(YAMLFactory.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .enable(YAMLGenerator.Feature.LITERAL_BLOCK_STYLE)
            .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
            .build());

    static final InjectorSettings SETTINGS = new InjectorSettings(
            ClusterSettings.DEFAULT, List.of(address("10.0.0.10"), address("fd00::a")), true, "0.1.0");

    /** The policy {@code coder}, with {@code fields} more in its spec. */
    static EgressPolicy policy(String... fields) {
        return compiled("""
                apiVersion: sallyport.dev/v1alpha1
                kind: EgressPolicy
                metadata: {name: coder, namespace: agents}
                spec:
                  %s
                """.formatted(fields.length == 0 ? "hosts: []" : String.join("\n  ", fields)));
    }

    static EgressPolicy compiled(String yaml) {
        var parsed = PolicyParser.parse("policy.yaml", yaml);
        var compilation = PolicyCompiler.compile(new PolicyDocuments(parsed.policies(), parsed.problems()));
        if (compilation.policies().accepted().size() != 1) {
            throw new IllegalArgumentException(compilation.problems().toString());
        }
        return compilation.policies().accepted().values().iterator().next();
    }

    /** A Pod of the workload {@code agents/coder} with this spec. */
    static ObjectNode pod(String spec) {
        return yaml("""
                apiVersion: v1
                kind: Pod
                metadata:
                  name: one
                  namespace: agents
                  labels: {sallyport.dev/policy: coder}
                spec:
                %s
                """.formatted(spec.indent(2)));
    }

    /** One with a container of which only the fields given are of interest. */
    static ObjectNode withContainer(String fields) {
        return pod("containers:\n- name: app\n  image: app:1\n" + fields.indent(2));
    }

    static ObjectNode yaml(String text) {
        try {
            return (ObjectNode) YAML.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    /** Knows these policies, each with its NetworkPolicy. */
    static PodInjector injector(EgressPolicy... policies) {
        return injector(UID, policies);
    }

    static PodInjector injector(int uid, EgressPolicy... policies) {
        Map<PolicyId, EgressPolicy> known =
                List.of(policies).stream().collect(Collectors.toMap(EgressPolicy::id, policy -> policy));
        PolicyLookup lookup =
                id -> known.containsKey(id) ? new KnownPolicy.InForce(known.get(id), true) : new KnownPolicy.Absent();
        return new PodInjector(SETTINGS, lookup, () -> uid);
    }

    static ObjectNode patched(ObjectNode pod, Injection injection) {
        return (ObjectNode) JsonPatch.apply(patch(injection), pod.deepCopy());
    }

    static ArrayNode patch(Injection injection) {
        if (injection instanceof Admitted admitted) {
            return admitted.patch();
        }
        throw new AssertionError("refused: " + refusals(injection));
    }

    static List<String> warnings(Injection injection) {
        if (injection instanceof Admitted admitted) {
            return admitted.warnings();
        }
        throw new AssertionError("refused: " + refusals(injection));
    }

    /** One line each; none: admitted. */
    static List<String> refusals(Injection injection) {
        return injection instanceof Refused refused
                ? refused.refusals().stream().map(Refusal::toString).toList()
                : List.of();
    }

    private static InetAddress address(String ip) {
        try {
            return InetAddress.getByName(ip);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private Pods() {}
}
