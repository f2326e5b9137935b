package dev.sallyport.pki;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** All CAs of one kind, derived when they are asked for; those used last are kept, since to derive one takes about a quarter of a millisecond. Thread-safe. */
final class DerivedCas {
    /** Two or three for each of some thousand workloads; about 3 KB each. */
    private static final int KEPT = 8192;

    private final RootSeed seed;
    private final String purpose;
    private final Epochs epochs;
    private final Map<Key, CertificateAuthority> kept =
            Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Key, CertificateAuthority> eldest) {
                    return size() > KEPT;
                }
            });

    private record Key(List<String> owner, long epoch) {}

    DerivedCas(RootSeed seed, String purpose, Epochs epochs) {
        this.seed = seed;
        this.purpose = purpose;
        this.epochs = epochs;
    }

    Epochs epochs() {
        return epochs;
    }

    CertificateAuthority authority(List<String> owner, long epoch) {
        Key key = new Key(owner, epoch);
        @Nullable CertificateAuthority known = kept.get(key);
        if (known != null) {
            return known;
        }
        // Outside of any lock: two threads may derive the same CA, byte for byte.
        CertificateAuthority derived = CertificateAuthority.derive(seed, purpose, owner, epochs, epoch);
        kept.put(key, derived);
        return derived;
    }

    /** The certificates that apps should trust at that time, by epoch. */
    List<CaCertificate> bundle(List<String> owner, Instant time) {
        return LongStream.rangeClosed(epochs.firstInBundle(time), epochs.at(time) + 1)
                .mapToObj(epoch -> authority(owner, epoch).certificate())
                .toList();
    }

    static String pem(List<CaCertificate> bundle) {
        return bundle.stream().map(CaCertificate::pem).collect(Collectors.joining());
    }
}
