package dev.sallyport.pki;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * CA certificates that somebody else gave us, each of them checked, sorted and without doubles: one that Envoy cannot read would make it refuse all. Their dates are not looked at; verifiers do that. Immutable.
 */
public final class CaBundle {
    private final List<ForeignCa> certificates;
    private final List<String> problems;
    private final String pem;

    private CaBundle(Collection<ForeignCa> certificates, List<String> problems) {
        this.certificates = List.copyOf(certificates);
        this.problems = List.copyOf(problems);
        this.pem = certificates.stream()
                .map(ca -> Pem.encode(Pem.CERTIFICATE, ca.der()))
                .collect(Collectors.joining());
    }

    /**
     * Reads PEM text.
     *
     * @param origin what problems call the text: a path, or a ConfigMap and its key
     */
    public static CaBundle parse(String origin, String text) {
        PemReader reader = new PemReader(origin, text);
        return of(reader.blocks(), reader.problems());
    }

    static CaBundle of(List<PemReader.Block> blocks, List<String> known) {
        List<String> problems = new ArrayList<>(known);
        TreeMap<ForeignCa, ForeignCa> sorted = new TreeMap<>(Comparator.naturalOrder());
        for (PemReader.Block block : blocks) {
            try {
                ForeignCa ca = ForeignCa.parse(block.der());
                sorted.putIfAbsent(ca, ca);
            } catch (ForeignCa.Unusable e) {
                problems.add(block.origin() + ": " + e.getMessage());
            }
        }
        return new CaBundle(sorted.values(), problems);
    }

    /** The usable certificates as PEM text; equal certificates, equal text. Empty when there are none. */
    public String pem() {
        return pem;
    }

    /** Number of usable certificates. */
    public int size() {
        return certificates.size();
    }

    /** What was left out, and why; one sentence each, for people. */
    public List<String> problems() {
        return problems;
    }

    List<byte[]> ders() {
        return certificates.stream().map(ForeignCa::der).toList();
    }

    @Override
    public String toString() {
        return size() + " CA certificates, " + problems.size() + " left out";
    }
}
