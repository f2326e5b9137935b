package dev.sallyport.snapshot;

import dev.sallyport.credential.CredentialLookup;
import dev.sallyport.envoy.RenderedCredential;
import dev.sallyport.envoy.ResourceNames;
import dev.sallyport.envoy.Secrets;
import dev.sallyport.pki.CaBundle;
import dev.sallyport.policy.ConfigMapKey;
import dev.sallyport.policy.CredentialSpec;
import dev.sallyport.policy.HostEntry;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.snapshot.WorkloadStatus.UnresolvedCredential;
import dev.sallyport.snapshot.WorkloadStatus.UnresolvedTrustedCa;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** What the entries of one policy refer to: Secrets and ConfigMaps, as far as they are there and can be used. Holds values only as resources. */
final class Resolved {
    private final PolicyId id;
    private final SecretFactory secrets;
    private final Iterator<CredentialLookup> lookups;
    private final Iterator<Optional<String>> configMaps;
    private final SortedMap<String, VersionedResource> credentials = new TreeMap<>();
    private final SortedSet<String> tombstones = new TreeSet<>();
    private final SortedSet<String> unavailable = new TreeSet<>();
    private final SortedMap<String, String> trustedCas = new TreeMap<>();
    private final List<UnresolvedCredential> unresolvedCredentials = new ArrayList<>();
    private final List<UnresolvedTrustedCa> unresolvedTrustedCas = new ArrayList<>();

    /**
     * @param references of the same entries
     */
    Resolved(PolicyId id, List<HostEntry> hosts, References references, SecretFactory secrets) {
        this.id = id;
        this.secrets = secrets;
        this.lookups = references.credentials().iterator();
        this.configMaps = references.configMaps().iterator();
        for (HostEntry entry : hosts) {
            String host = entry.host().text();
            entry.credentials().forEach(spec -> credential(host, spec));
            entry.trustedCa().ifPresent(key -> trustedCa(host, key));
        }
    }

    private void credential(String host, CredentialSpec spec) {
        String name = ResourceNames.credential(host, spec.header());
        RenderedCredential rendered = Secrets.credential(name, spec, lookups.next());
        if (rendered instanceof RenderedCredential.Usable usable) {
            credentials.put(name, secrets.of(usable.secret()));
        } else if (rendered instanceof RenderedCredential.Unusable unusable) {
            credentials.put(name, secrets.of(Secrets.tombstone(name)));
            tombstones.add(name);
            unavailable.add(host);
            unresolvedCredentials.add(new UnresolvedCredential(host, spec.header(), spec.secret(), unusable.reason()));
        }
    }

    private void trustedCa(String host, ConfigMapKey key) {
        Optional<String> text = configMaps.next();
        String origin = "ConfigMap " + id.namespace() + "/" + key.name() + ", key " + key.key();
        if (text.isEmpty()) {
            unresolvedTrustedCas.add(new UnresolvedTrustedCa(host, key, origin + ": does not exist"));
            return;
        }
        CaBundle bundle = CaBundle.parse(origin, text.get());
        if (bundle.size() > 0) {
            trustedCas.put(host, bundle.pem());
        } else {
            unresolvedTrustedCas.add(new UnresolvedTrustedCa(host, key, origin + ": holds no CA certificate"));
        }
        bundle.problems().forEach(problem -> unresolvedTrustedCas.add(new UnresolvedTrustedCa(host, key, problem)));
    }

    /** By the name of the secret: the value, or a tombstone. */
    SortedMap<String, VersionedResource> credentials() {
        return credentials;
    }

    /** Which of {@link #credentials} are tombstones. */
    SortedSet<String> tombstones() {
        return tombstones;
    }

    /** Hosts that must not be reached, because one of their credentials would be missing. */
    SortedSet<String> unavailable() {
        return unavailable;
    }

    /** PEM text by host. */
    SortedMap<String, String> trustedCas() {
        return trustedCas;
    }

    List<UnresolvedCredential> unresolvedCredentials() {
        return unresolvedCredentials;
    }

    List<UnresolvedTrustedCa> unresolvedTrustedCas() {
        return unresolvedTrustedCas;
    }
}
