package dev.sallyport.e2e;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;

/** Clients that do not look at proxy variables: they reach what they may under {@code run --isolate}, where every connection goes to the sidecar. */
@EndToEnd
@Tag(EndToEnd.ONE_ENVOY)
class IsolatedClientsTest extends ClientMatrix {
    @Override
    List<String> options() {
        return List.of("--isolate", "--user", "nobody");
    }

    @Override
    Stream<Client> clients() {
        return Stream.of(
                new Client("curl --noproxy under --isolate", "curl -fsS --noproxy '*' $URL"),
                new Client(
                        "Node fetch without proxy support under --isolate",
                        "env -u NODE_USE_ENV_PROXY node fetch.mjs $URL",
                        "env -u NODE_USE_ENV_PROXY node --use-openssl-ca fetch.mjs $URL"));
    }
}
