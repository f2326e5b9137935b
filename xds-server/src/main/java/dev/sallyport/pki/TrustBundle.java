package dev.sallyport.pki;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The files that make the runtimes of apps trust their sidecar; public certificates only. Equal certificates give equal bytes. Immutable.
 *
 * <p>Which variable names which file is decided where the environment is made. {@code ca.pem} is for settings that add to what a runtime trusts, the others for settings that replace it.
 */
public final class TrustBundle {
    /** The workload's CAs alone. */
    public static final String CA = "ca.pem";

    /** All that an app should trust. */
    public static final String BUNDLE = "bundle.pem";

    /** The same as {@link #BUNDLE} for Java: PKCS #12 without a password. */
    public static final String TRUST_STORE = "truststore";

    /** Settings of GNU wget, which reads no variable. */
    public static final String WGETRC = "wgetrc";

    private final List<CaCertificate> cas;
    private final Optional<PublicRoots> publicRoots;

    private TrustBundle(List<CaCertificate> cas, Optional<PublicRoots> publicRoots) {
        if (cas.isEmpty()) {
            throw new IllegalArgumentException("no CA (expected: those of a workload)");
        }
        this.cas = List.copyOf(cas);
        this.publicRoots = publicRoots;
    }

    /** For a workload with passthrough hosts, whose own certificates its apps see. */
    public static TrustBundle withPublicRoots(List<CaCertificate> workloadCas, PublicRoots publicRoots) {
        return new TrustBundle(workloadCas, Optional.of(publicRoots));
    }

    /** For a workload without any: a connection past the sidecar fails in TLS too. */
    public static TrustBundle workloadOnly(List<CaCertificate> workloadCas) {
        return new TrustBundle(workloadCas, Optional.empty());
    }

    /**
     * The files by name.
     *
     * @param directory where apps will see them, for the files that name others
     */
    public SortedMap<String, byte[]> files(Path directory) {
        String caPem = DerivedCas.pem(cas);
        SortedMap<String, byte[]> files = new TreeMap<>();
        files.put(CA, utf8(caPem));
        // Ours come first: some readers take the first certificate only.
        files.put(BUNDLE, utf8(caPem + publicRoots.map(PublicRoots::pem).orElse("")));
        files.put(TRUST_STORE, trustStore());
        files.put(WGETRC, utf8("ca_certificate = " + directory.resolve(BUNDLE) + "\n"));
        return files;
    }

    private byte[] trustStore() {
        byte[] ours =
                PasswordlessTrustStore.bags(cas.stream().map(CaCertificate::der).toList());
        return PasswordlessTrustStore.of(
                ours, publicRoots.map(PublicRoots::trustStoreBags).orElseGet(() -> new byte[0]));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return "trust bundle (" + cas.size() + " CAs of a workload, "
                + publicRoots.map(PublicRoots::toString).orElse("no public roots") + ")";
    }
}
