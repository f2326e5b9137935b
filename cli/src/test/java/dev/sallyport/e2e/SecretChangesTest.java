package dev.sallyport.e2e;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.snapshot.ResourceType;
import dev.sallyport.testing.HttpReply;
import dev.sallyport.testing.RawConnection;
import dev.sallyport.testing.UpstreamRequest;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Secrets that come, change and go under a running sidecar. */
@EndToEnd
class SecretChangesTest {
    private static final String NEW_KEY = "sk-rotated-9876543210";

    private final Machine machine = Machine.with(Machine.P);
    private TestSidecar sidecar;
    private App app;

    @SuppressWarnings("NullAway.Init") // Before each test.
    SecretChangesTest() {}

    @BeforeEach
    void start() {
        sidecar = machine.sidecar();
        app = machine.app(sidecar);
    }

    @AfterEach
    void stop() throws IOException {
        machine.close();
    }

    @Test
    @DisplayName("SEC-07 a missing Secret that is created works without a restart")
    void acceptsASecretThatComesLater() {
        machine.secrets("");
        eventually(() -> assertThat(app.get("api.example.com", "/e").status()).isEqualTo(500));

        machine.secrets(Machine.secret("api", "token", NEW_KEY));

        eventually(() -> assertThat(app.get("api.example.com", "/e").status()).isEqualTo(200));
        assertThat(newest().values("x-api-key")).containsExactly(NEW_KEY);
        assertThat(newest().values("authorization")).containsExactly("Bearer " + NEW_KEY);
    }

    @Test
    @DisplayName("SEC-08 a deleted Secret is never sent again, also on open connections")
    void neverSendsADeletedSecret() throws IOException {
        try (RawConnection connection = app.tls("api.example.com")) {
            assertThat(request(connection).status()).isEqualTo(200);

            machine.secrets("");

            eventually(() -> {
                HttpReply reply = request(connection);
                assertThat(reply.status()).isEqualTo(500);
                assertThat(reply.header("x-sallyport-reason")).contains("credential_unavailable");
            });
            int seen = Internet.get().upstream().requests().size();
            machine.awaitCurrent();
            for (int i = 0; i < 20; i++) {
                assertThat(request(connection).status()).isEqualTo(500);
                assertThat(app.get("api.example.com", "/e").status()).isEqualTo(500);
            }
            assertThat(Internet.get().upstream().requests()).hasSize(seen);
            assertThat(app.get("b.example.com", "/e").status()).isEqualTo(200);
        }
    }

    @Test
    @DisplayName("SEC-09 a Secret that changes under load: old or new, no error, no connection closed")
    void changesASecretUnderLoad() throws Exception {
        double listeners = machine.responses(ResourceType.LISTENER);
        int before = Internet.get().upstream().requests().size();
        try (Load load = Load.start(4, app, "api.example.com")) {
            load.awaitMore(200);
            machine.secrets(Machine.secret("api", "token", NEW_KEY));
            eventually(() -> assertThat(newest().values("x-api-key")).containsExactly(NEW_KEY));
            load.awaitMore(200);

            assertThat(load.failures()).isEmpty();
            assertThat(load.connections()).isEqualTo(4);
        }
        List<UpstreamRequest> requests = Internet.get().upstream().requests();
        assertThat(requests.subList(before, requests.size())).allSatisfy(request -> {
            assertThat(request.values("x-api-key")).hasSize(1).isSubsetOf(Machine.KEY, NEW_KEY);
            assertThat(request.values("authorization"))
                    .hasSize(1)
                    .isSubsetOf("Bearer " + Machine.KEY, "Bearer " + NEW_KEY);
        });
        assertThat(machine.responses(ResourceType.LISTENER)).isEqualTo(listeners);
        assertThat(sidecar.errors()).isEmpty();
    }

    @Test
    @DisplayName("K8S-18 a Secret whose annotation does not name a host is not sent there, and is again when it does")
    void neverSendsASecretToAHostThatItsOwnerDoesNotName() {
        assertThat(app.get("api.example.com", "/e").status()).isEqualTo(200);

        machine.secrets(annotated("b.example.com"));
        eventually(() -> {
            HttpReply reply = app.get("api.example.com", "/e");
            assertThat(reply.status()).isEqualTo(500);
            assertThat(reply.header("x-sallyport-reason")).contains("credential_unavailable");
        });
        int seen = Internet.get().upstream().requests().size();
        machine.awaitCurrent();
        assertThat(app.get("api.example.com", "/e").status()).isEqualTo(500);
        assertThat(Internet.get().upstream().requests()).hasSize(seen);

        machine.secrets(annotated("b.example.com,api.example.com"));
        eventually(() -> assertThat(app.get("api.example.com", "/e").status()).isEqualTo(200));
        assertThat(newest().values("x-api-key")).containsExactly(NEW_KEY);
    }

    private static String annotated(String hosts) {
        return Machine.secret("api", "token", NEW_KEY)
                .replaceFirst("metadata: \\{", "metadata: {annotations: {sallyport.dev/hosts: \"" + hosts + "\"}, ");
    }

    @Test
    @DisplayName("XDS-10 a Secret that changes is a response of type Secret and nothing else")
    void sendsNothingButTheSecret() {
        double listeners = machine.sent(ResourceType.LISTENER);
        double routes = machine.sent(ResourceType.ROUTE);
        double clusters = machine.sent(ResourceType.CLUSTER);
        double secrets = machine.sent(ResourceType.SECRET);

        machine.secrets(Machine.secret("api", "token", NEW_KEY));

        // Two headers of one host hold it.
        eventually(() -> assertThat(machine.sent(ResourceType.SECRET)).isEqualTo(secrets + 2));
        machine.awaitCurrent();
        assertThat(machine.sent(ResourceType.LISTENER)).isEqualTo(listeners);
        assertThat(machine.sent(ResourceType.ROUTE)).isEqualTo(routes);
        assertThat(machine.sent(ResourceType.CLUSTER)).isEqualTo(clusters);
    }

    @Test
    @DisplayName("SEC-11 of 100 changes at once the last wins, with a handful of pushes")
    void takesTheLastOfManyChanges() {
        double responses = machine.responses(ResourceType.SECRET);

        for (int i = 1; i <= 100; i++) {
            machine.secrets(Machine.secret("api", "token", "sk-" + i));
        }

        eventually(() -> {
            assertThat(app.get("api.example.com", "/e").status()).isEqualTo(200);
            assertThat(newest().values("x-api-key")).containsExactly("sk-100");
        });
        assertThat(machine.responses(ResourceType.SECRET) - responses).isLessThan(50);
    }

    private static HttpReply request(RawConnection connection) throws IOException {
        return connection.request("GET /e HTTP/1.1", "Host: api.example.com").reply();
    }

    private static UpstreamRequest newest() {
        List<UpstreamRequest> requests = Internet.get().upstream().requests();
        return requests.get(requests.size() - 1);
    }
}
