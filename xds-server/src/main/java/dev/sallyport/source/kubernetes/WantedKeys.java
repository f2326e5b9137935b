package dev.sallyport.source.kubernetes;

import dev.sallyport.policy.EgressPolicy;
import dev.sallyport.policy.HostEntry;
import dev.sallyport.policy.PolicyDocument;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Which keys of which Secrets and ConfigMaps the policies of one namespace name; by the object's name. */
record WantedKeys(Map<String, Set<String>> secrets, Map<String, Set<String>> configMaps) {
    static WantedKeys of(Collection<PolicyDocument> documents) {
        Map<String, Set<String>> secrets = new TreeMap<>();
        Map<String, Set<String>> configMaps = new TreeMap<>();
        for (PolicyDocument document : documents) {
            hosts(document)
                    .flatMap(entry -> entry.credentials().stream())
                    .flatMap(credential -> credential.secret().stream())
                    .forEach(key -> add(secrets, key.name(), key.key()));
            hosts(document)
                    .flatMap(entry -> entry.trustedCa().stream())
                    .forEach(key -> add(configMaps, key.name(), key.key()));
        }
        return new WantedKeys(secrets, configMaps);
    }

    private static Stream<HostEntry> hosts(PolicyDocument document) {
        return document.policy().map(EgressPolicy::hosts).stream().flatMap(Collection::stream);
    }

    private static void add(Map<String, Set<String>> wanted, String name, String key) {
        wanted.computeIfAbsent(name, first -> new TreeSet<>()).add(key);
    }
}
