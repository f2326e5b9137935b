package dev.sallyport.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import java.io.IOException;
import java.security.PublicKey;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of an API server, read from its key set and kept: a key is rotated in by a token that names it, which makes them be read again, at most once in {@link #PAUSE}. What was read is good for {@link #MAX_AGE} when it
 * cannot be read again. Thread-safe.
 */
public final class IssuerKeys implements KeySource {
    /** Between two reads that somebody's token causes: anybody can name keys that do not exist. */
    static final Duration PAUSE = Duration.ofSeconds(10);

    /** After it they are read again at the next token, so that a key that was taken out stops being accepted. */
    static final Duration REFRESH = Duration.ofMinutes(5);

    /** How old the keys may be when they cannot be read: an API server may be away for long, but one that is there must be asked. */
    static final Duration MAX_AGE = Duration.ofHours(1);

    private static final Logger LOG = LoggerFactory.getLogger(IssuerKeys.class);
    private static final int RSA_BITS = 2_048;

    private final IssuerDocuments documents;
    private final Clock clock;
    private final Lock reading = new ReentrantLock();
    private volatile @Nullable Read read;
    private volatile String failure = "they were not read yet";
    private volatile Instant tried = Instant.MIN;

    private record Read(String issuer, Map<String, PublicKey> keys, Instant at) {}

    /** Reads nothing yet. */
    public IssuerKeys(IssuerDocuments documents, Clock clock) {
        this.documents = documents;
        this.clock = clock;
    }

    /** Who signs, as far as that is known now; empty: it could never be read, or not for too long. */
    public Optional<String> issuer() {
        return usable(null).map(Read::issuer);
    }

    @Override
    public Lookup find(String keyId) {
        Optional<Read> known = usable(keyId);
        if (known.isEmpty()) {
            return new Unavailable("the API server's keys cannot be read: " + failure);
        }
        PublicKey key = known.get().keys().get(keyId);
        return key == null ? new Unknown() : new Found(key);
    }

    /** What may be used, read again first where that is due. */
    private Optional<Read> usable(@Nullable String keyId) {
        Instant now = clock.instant();
        if (isDue(read, keyId, now)) {
            readAgain(keyId, now);
        }
        return Optional.ofNullable(read)
                .filter(known -> Duration.between(known.at(), now).compareTo(MAX_AGE) < 0);
    }

    private boolean isDue(@Nullable Read known, @Nullable String keyId, Instant now) {
        boolean wanted = known == null
                || Duration.between(known.at(), now).compareTo(REFRESH) >= 0
                || (keyId != null && !known.keys().containsKey(keyId));
        // A clock that was set back must not keep them from being read.
        return wanted && (tried.isAfter(now) || !now.isBefore(later(tried)));
    }

    private static Instant later(Instant tried) {
        return tried.equals(Instant.MIN) ? tried : tried.plus(PAUSE);
    }

    /** One reads. Who cannot go on without the outcome waits for it. */
    private void readAgain(@Nullable String keyId, Instant now) {
        Read known = read;
        boolean canWait = known != null && (keyId == null || known.keys().containsKey(keyId));
        if (!canWait) {
            reading.lock();
        } else if (!reading.tryLock()) {
            return;
        }
        try {
            if (!isDue(read, keyId, now)) {
                return;
            }
            tried = now;
            IssuerDocuments.Issuer issuer = documents.read();
            read = new Read(issuer.name(), keys(issuer.jwks()), now);
        } catch (IOException | ParseException e) {
            failure = String.valueOf(e.getMessage());
            LOG.warn("the API server's token keys cannot be read: {}", failure);
        } finally {
            reading.unlock();
        }
    }

    private static Map<String, PublicKey> keys(String jwks) throws ParseException {
        Map<String, PublicKey> keys = new HashMap<>();
        for (JWK key : JWKSet.parse(jwks).getKeys()) {
            String id = key.getKeyID();
            if (id != null && (key.getKeyUse() == null || KeyUse.SIGNATURE.equals(key.getKeyUse()))) {
                publicKey(key).ifPresent(found -> keys.put(id, found));
            }
        }
        return Map.copyOf(keys);
    }

    private static Optional<PublicKey> publicKey(JWK key) {
        try {
            if (key instanceof ECKey ec) {
                return Optional.of(ec.toECPublicKey());
            }
            if (key instanceof RSAKey rsa && rsa.size() >= RSA_BITS) {
                return Optional.of(rsa.toRSAPublicKey());
            }
        } catch (JOSEException e) {
            LOG.warn("a key of the API server cannot be used: {}", key.getKeyID());
        }
        return Optional.empty();
    }
}
