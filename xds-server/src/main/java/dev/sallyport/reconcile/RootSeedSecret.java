package dev.sallyport.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.pki.RootSeed;
import dev.sallyport.source.kubernetes.ApiAnswer;
import dev.sallyport.source.kubernetes.ApiServer;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/** The Secret that holds the root seed: made once, by the replica that is first, and never written again. */
public final class RootSeedSecret {
    /** Its name in the system namespace. */
    public static final String NAME = "sallyport-root-seed";

    private static final String KEY = "seed";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ObjectRequests api;
    private final ObjectKey key;

    /** What has the name is no root seed: a person must look at it, waiting does not help. */
    public static final class MalformedException extends IOException {
        private static final long serialVersionUID = 1;

        MalformedException(String message) {
            super(message);
        }
    }

    /** Does not connect yet. */
    public RootSeedSecret(ApiServer server, String systemNamespace) {
        this.api = new ObjectRequests(server);
        this.key = new ObjectKey(ObjectKey.Kind.Secret, systemNamespace, NAME);
    }

    /**
     * Reads the seed; makes it where there is none. Replicas that start together end with the same one.
     *
     * @throws MalformedException when it is there and is none
     * @throws IOException when it cannot be read or made; the message is for people and says what to do
     */
    public RootSeed loadOrCreate() throws IOException {
        try {
            Optional<RootSeed> there = read();
            if (there.isPresent()) {
                return there.get();
            }
            ApiAnswer created = api.create(key, fresh());
            if (!created.isGood() && !created.isConflict()) {
                throw ApiException.refused("create", key, created);
            }
            // What another replica made counts, and what was stored, not what was sent.
            return read().orElseThrow(() -> new IOException(key + ": deleted while it was read; start again"));
        } catch (ApiException e) {
            throw new IOException("root seed: " + e.getMessage(), e);
        }
    }

    private Optional<RootSeed> read() throws ApiException, IOException {
        ApiAnswer answer = api.get(key);
        if (answer.isMissing()) {
            return Optional.empty();
        }
        if (!answer.isGood()) {
            throw ApiException.refused("get", key, answer);
        }
        byte[] seed = decoded(answer.body().path("data").path(KEY));
        try {
            return Optional.of(RootSeed.of(seed));
        } finally {
            Arrays.fill(seed, (byte) 0);
        }
    }

    private byte[] decoded(JsonNode value) throws IOException {
        if (!value.isTextual()) {
            throw malformed("it has no key " + KEY);
        }
        byte[] seed;
        try {
            seed = Base64.getDecoder().decode(value.textValue());
        } catch (IllegalArgumentException e) {
            throw malformed(KEY + " is not base64");
        }
        if (seed.length != RootSeed.LENGTH) {
            throw malformed(KEY + " has " + seed.length + " bytes");
        }
        return seed;
    }

    private MalformedException malformed(String found) {
        return new MalformedException(
                "root seed: " + key + ": " + found + " (expected: " + KEY + " with " + RootSeed.LENGTH
                        + " random bytes). Restore it from a copy; or, if no workload is to keep its CA, delete it: kubectl -n "
                        + key.namespace() + " delete secret " + NAME);
    }

    private ObjectNode fresh() {
        byte[] seed = new byte[RootSeed.LENGTH];
        new SecureRandom().nextBytes(seed);
        ObjectNode secret = JSON.createObjectNode();
        secret.put("apiVersion", "v1")
                .put("kind", "Secret")
                .put("type", "Opaque")
                .put("immutable", true);
        ObjectNode metadata = secret.putObject("metadata");
        metadata.put("namespace", key.namespace()).put("name", NAME);
        metadata.putObject("labels").put(ObjectNames.MANAGED_BY_LABEL, ObjectNames.SALLYPORT);
        secret.putObject("data").put(KEY, Base64.getEncoder().encodeToString(seed));
        return secret;
    }
}
