package dev.sallyport.envoy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.policy.EgressPolicy;
import dev.sallyport.policy.HostEntry;
import dev.sallyport.policy.ParsedFile;
import dev.sallyport.policy.PolicyCompiler;
import dev.sallyport.policy.PolicyDocuments;
import dev.sallyport.policy.PolicyParser;
import dev.sallyport.policy.PolicySet;
import dev.sallyport.policy.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Workloads for tests, from policies as people write them. Every {@code trustedCa} can be used unless told otherwise. */
record Models(
        EgressPolicy policy,
        SortedSet<String> unavailable,
        SortedSet<String> untrusted,
        SortedMap<String, Reason> leaving,
        SortedSet<Integer> retainedPorts) {
    /** A certificate that Envoy can load; nothing was ever signed with its key, which is gone. */
    static final String CA = resource("ca.pem");

    static Models of(String yaml) {
        ParsedFile file = PolicyParser.parse("policy.yaml", yaml);
        PolicySet policies = PolicyCompiler.compile(new PolicyDocuments(file.policies(), file.problems()))
                .policies();
        if (policies.accepted().size() != 1) {
            throw new IllegalArgumentException("not one policy: " + file);
        }
        EgressPolicy policy = policies.accepted().values().iterator().next();
        return new Models(policy, new TreeSet<>(), new TreeSet<>(), new TreeMap<>(), new TreeSet<>());
    }

    /** The policy {@code agents/p} with these hosts, each a YAML flow map or a list item. */
    static WorkloadModel withHosts(String... hosts) {
        return of("""
                apiVersion: sallyport.dev/v1alpha1
                kind: EgressPolicy
                metadata: {name: p, namespace: agents}
                spec:
                  hosts: [%s]
                """.formatted(String.join(", ", hosts))).model();
    }

    Models retaining(int port) {
        return new Models(policy, unavailable, untrusted, leaving, new TreeSet<>(Set.of(port)));
    }

    WorkloadModel model() {
        SortedMap<String, String> trustedCas = new TreeMap<>();
        for (HostEntry host : policy.hosts()) {
            String name = host.host().text();
            if (host.trustedCa().isPresent() && !untrusted.contains(name)) {
                trustedCas.put(name, CA);
            }
        }
        return new WorkloadModel(
                policy.id(),
                policy.hosts(),
                "no entry of the policy " + policy.id() + " covers this host",
                unavailable,
                trustedCas,
                leaving,
                retainedPorts,
                CA);
    }

    private static String resource(String name) {
        try (InputStream file = Models.class.getResourceAsStream(name)) {
            return new String(file.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
