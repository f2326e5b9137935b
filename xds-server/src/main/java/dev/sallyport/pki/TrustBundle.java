package dev.sallyport.pki;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
    private final List<byte[]> publicRoots;

    private TrustBundle(List<CaCertificate> cas, List<byte[]> publicRoots) {
        if (cas.isEmpty()) {
            throw new IllegalArgumentException("no CA (expected: those of a workload)");
        }
        this.cas = List.copyOf(cas);
        this.publicRoots = publicRoots;
    }

    /** For a workload with passthrough hosts, whose own certificates its apps see. */
    public static TrustBundle withPublicRoots(List<CaCertificate> workloadCas, PublicRoots publicRoots) {
        return new TrustBundle(workloadCas, publicRoots.ders());
    }

    /** For a workload without any: a connection past the sidecar fails in TLS too. */
    public static TrustBundle workloadOnly(List<CaCertificate> workloadCas) {
        return new TrustBundle(workloadCas, List.of());
    }

    /**
     * The files by name.
     *
     * @param directory where apps will see them, for the files that name others
     */
    public SortedMap<String, byte[]> files(Path directory) {
        SortedMap<String, byte[]> files = new TreeMap<>();
        files.put(CA, ascii(pem(caDers())));
        files.put(BUNDLE, ascii(pem(all())));
        files.put(TRUST_STORE, PasswordlessTrustStore.of(all()));
        files.put(WGETRC, (("ca_certificate = " + directory.resolve(BUNDLE)) + "\n").getBytes(StandardCharsets.UTF_8));
        return files;
    }

    /** Ours come first: some readers take the first certificate only. */
    private List<byte[]> all() {
        List<byte[]> all = new ArrayList<>(caDers());
        all.addAll(publicRoots);
        return all;
    }

    private List<byte[]> caDers() {
        return cas.stream().map(CaCertificate::der).toList();
    }

    private static String pem(List<byte[]> ders) {
        return ders.stream().map(der -> Pem.encode(Pem.CERTIFICATE, der)).collect(Collectors.joining());
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public String toString() {
        return Stream.of(CA, BUNDLE, TRUST_STORE, WGETRC).collect(Collectors.joining(", ", "trust bundle (", ")"));
    }
}
