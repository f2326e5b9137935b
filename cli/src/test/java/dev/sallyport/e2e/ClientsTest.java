package dev.sallyport.e2e;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;

/** The clients that need no more than proxy variables and certificates. */
@EndToEnd
@Tag(EndToEnd.ONE_ENVOY)
class ClientsTest extends ClientMatrix {
    @Override
    List<String> options() {
        return List.of();
    }

    @Override
    Stream<Client> clients() {
        String python = prepared("python/bin/python3");
        String java = System.getProperty("java.home") + "/bin/java -cp " + work() + " Client ";
        String node = prepared("node/bin/node");
        return Stream.of(
                new Client("curl", "curl -fsS $URL"),
                new Client("GNU wget", "wget -nv -t 1 -O - $URL"),
                new Client("git", "git ls-remote $URL"),
                new Client("Python urllib", python + " clients.py urllib $URL"),
                new Client("Python requests", python + " clients.py requests $URL"),
                new Client("Python httpx", python + " clients.py httpx $URL"),
                new Client("pip", python + " -m pip --retries 0 index versions --index-url $URL/simple left-pad"),
                new Client("Node fetch", node + " fetch.mjs $URL", node + " --use-openssl-ca fetch.mjs $URL"),
                new Client("npm", "npm view --fetch-retries=0 --registry=$URL/npm left-pad version"),
                new Client("Go", prepared("go-client") + " $URL"),
                new Client("Java HttpURLConnection", java + "HttpURLConnection $URL"),
                new Client("Java HttpClient", java + "HttpClient $URL"));
    }
}
