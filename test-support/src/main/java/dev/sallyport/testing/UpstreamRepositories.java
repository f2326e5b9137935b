package dev.sallyport.testing;

import java.util.Optional;

/** As much of package registries and of a git server as their clients need to ask for one name, below any path. */
final class UpstreamRepositories {
    record Document(String type, String body) {}

    static Optional<Document> document(String path) {
        if (path.endsWith("/info/refs")) {
            // The "dumb" protocol: a file with a hash and a name in each line.
            return Optional.of(new Document("text/plain", "1".repeat(40) + "\trefs/heads/main\n"));
        }
        if (path.endsWith("/HEAD")) {
            return Optional.of(new Document("text/plain", "ref: refs/heads/main\n"));
        }
        if (path.endsWith("/npm/left-pad")) {
            return Optional.of(new Document("application/json", """
                    {"name": "left-pad", "dist-tags": {"latest": "1.3.0"},
                     "versions": {"1.3.0": {"name": "left-pad", "version": "1.3.0"}}}
                    """));
        }
        if (path.endsWith("/simple/left-pad/")) {
            return Optional.of(new Document("text/html", """
                    <!DOCTYPE html><html><body><a href="left_pad-1.3.0-py3-none-any.whl">left_pad-1.3.0-py3-none-any.whl</a></body></html>
                    """));
        }
        return Optional.empty();
    }

    private UpstreamRepositories() {}
}
