package dev.sallyport.kubernetes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.identity.IssuerDocuments;
import dev.sallyport.source.kubernetes.ApiServer;
import java.io.IOException;
import java.time.Duration;

/** Asks the API server itself, over the connection that is verified already: the document's {@code jwks_uri} may name a host that cannot be reached, or that nobody should have to trust. */
public final class ApiServerIssuer implements IssuerDocuments {
    private static final String DISCOVERY = "/.well-known/openid-configuration";
    private static final String KEYS = "/openid/v1/jwks";
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ApiServer server;

    public ApiServerIssuer(ApiServer server) {
        this.server = server;
    }

    @Override
    public Issuer read() throws IOException {
        String issuer = issuer(read(DISCOVERY));
        return new Issuer(issuer, read(KEYS));
    }

    private String read(String path) throws IOException {
        try {
            return server.read(path, PATIENCE);
        } catch (IOException e) {
            throw new IOException("cannot read " + path + " of the API server: " + e.getMessage(), e);
        }
    }

    private static String issuer(String document) throws IOException {
        try {
            String issuer = JSON.readTree(document).path("issuer").asText("");
            if (!issuer.isEmpty()) {
                return issuer;
            }
        } catch (JsonProcessingException e) {
            throw new IOException(DISCOVERY + " of the API server is not JSON", e);
        }
        throw new IOException(DISCOVERY + " of the API server names no issuer");
    }
}
