package dev.sallyport.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.identity.TokenReviews;
import dev.sallyport.source.kubernetes.ApiServer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Creates a TokenReview. No text of it holds the token: whatever the API server says about a request is left out. */
public final class ApiServerTokenReviews implements TokenReviews {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final ApiServer server;

    public ApiServerTokenReviews(ApiServer server) {
        this.server = server;
    }

    @Override
    public Review review(String token, String audience) throws IOException {
        JsonNode status = server.create(
                        "/apis/authentication.k8s.io/v1/tokenreviews", request(token, audience), PATIENCE)
                .path("status");
        if (!status.isObject()) {
            throw new IOException("the answer has no status");
        }
        List<String> audiences = new ArrayList<>();
        status.path("audiences").forEach(name -> audiences.add(name.asText()));
        // Absent means no.
        boolean authenticated = status.path("authenticated").asBoolean(false);
        return new Review(
                authenticated, audiences, status.path("user").path("username").asText(""));
    }

    private static ObjectNode request(String token, String audience) {
        ObjectNode review = JsonNodeFactory.instance.objectNode();
        review.put("apiVersion", "authentication.k8s.io/v1").put("kind", "TokenReview");
        ObjectNode spec = review.putObject("spec");
        spec.put("token", token);
        spec.putArray("audiences").add(audience);
        return review;
    }
}
