package dev.sallyport.e2e;

import static dev.sallyport.e2e.Attempts.inside;
import static dev.sallyport.e2e.Attempts.url;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.PolicyId;
import dev.sallyport.snapshot.WorkloadStatus.UnresolvedCredential;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Secrets as they should and should not be: one host for each value. */
class SecretValuesTest extends CaseTable {
    private static final PolicyId WORKLOAD = new PolicyId("agents", "values");

    /** The longest value that is sent. */
    private static final String LONG = "k".repeat(16_384);

    /** Values by the name of their Secret; their host is NAME.secret.example.com. */
    private static final Map<String, String> VALUES = new TreeMap<>(Map.ofEntries(
            Map.entry("plain", "sk-1"),
            Map.entry("newline", "sk-1\n"),
            Map.entry("crlf", "sk-1\r\n"),
            Map.entry("newlines", "sk-1\n\n"),
            Map.entry("inner", "sk\nsecret"),
            Map.entry("return", "sk\rsecret"),
            Map.entry("nul", "sk\0secret"),
            Map.entry("tab", "sk\tsecret"),
            Map.entry("empty", ""),
            Map.entry("onlyline", "\n"),
            Map.entry("long", LONG),
            Map.entry("toolong", LONG + "k")));

    private static final List<String> UNUSABLE =
            List.of("newlines", "inner", "return", "nul", "tab", "empty", "onlyline", "toolong");

    SecretValuesTest() {
        super(policy(), WORKLOAD);
    }

    private static String policy() {
        return """
                apiVersion: sallyport.dev/v1alpha1
                kind: EgressPolicy
                metadata: {name: values, namespace: agents}
                spec:
                  hosts:
                  - host: b.example.com
                  - host: nosecret.example.com
                    credentials: [{header: x-key, valueFrom: {secretKeyRef: {name: absent, key: token}}}]
                  - host: nokey.secret.example.com
                    credentials: [{header: x-key, valueFrom: {secretKeyRef: {name: plain, key: other}}}]
                  - host: half.example.com
                    credentials:
                    - {header: x-key, valueFrom: {secretKeyRef: {name: plain, key: token}}}
                    - {header: x-other, valueFrom: {secretKeyRef: {name: absent, key: token}}}
                  - host: twice.secret.example.com
                    credentials: [{header: x-key, format: "a-{value}-b-{value}", valueFrom: {secretKeyRef: {name: plain, key: token}}}]
                  - host: bearer.secret.example.com
                    credentials: [{header: authorization, format: "Bearer {value}", valueFrom: {secretKeyRef: {name: plain, key: token}}}]
                  - host: literal.secret.example.com
                    credentials: [{header: x-tenant, value: public-name}]
                """ + VALUES.keySet().stream().map(name -> """
                              - host: %1$s.secret.example.com
                                credentials: [{header: x-key, valueFrom: {secretKeyRef: {name: %1$s, key: token}}}]
                            """.formatted(name)).collect(Collectors.joining());
    }

    @Override
    void prepare(Machine machine) {
        machine.secrets(VALUES.entrySet().stream()
                .map(value -> """
                        apiVersion: v1
                        kind: Secret
                        metadata: {name: %s, namespace: agents}
                        data: {token: "%s"}
                        """.formatted(
                        value.getKey(),
                        Base64.getEncoder().encodeToString(value.getValue().getBytes(StandardCharsets.UTF_8))))
                .collect(Collectors.joining("---\n")));
        Stream.concat(VALUES.keySet().stream(), Stream.of("nokey", "twice", "bearer", "literal"))
                .forEach(name -> Internet.get().dns().put(name + ".secret.example.com", "203.0.113.10"));
    }

    static Stream<Case> cases() {
        return Stream.of(
                        Stream.of("plain", "newline", "crlf").map(name -> sends("SEC-01", name, "x-key", "sk-1")),
                        Stream.of("newlines", "inner", "return", "nul", "tab")
                                .map(name -> refuses("SEC-02", host(name))),
                        Stream.of("empty", "onlyline").map(name -> refuses("SEC-03", host(name))),
                        Stream.of(
                                sends("SEC-04", "long", "x-key", LONG),
                                refuses("SEC-04", host("toolong")),
                                refuses("SEC-05", "nosecret.example.com"),
                                url("SEC-05", "http://nosecret.example.com/").refused(500, "credential_unavailable"),
                                inside("SEC-05").to("b.example.com").get("/e").served(),
                                refuses("SEC-06", host("nokey")),
                                refuses("SEC-10", "half.example.com"),
                                sends("HDR-03", "twice", "x-key", "a-sk-1-b-sk-1"),
                                sends("HDR-03", "bearer", "authorization", "Bearer sk-1"),
                                sends("HDR-03", "literal", "x-tenant", "public-name")))
                .flatMap(table -> table);
    }

    @Test
    @DisplayName("SEC-02 SEC-06 status names host, header, Secret, key and the reason, and never the value")
    void statusSaysWhatIsWrong() {
        List<UnresolvedCredential> credentials = machine().status(WORKLOAD).credentials();
        assertThat(credentials)
                .extracting(UnresolvedCredential::host)
                .contains("nosecret.example.com", "half.example.com", host("nokey"))
                .containsAll(UNUSABLE.stream().map(SecretValuesTest::host).toList())
                .doesNotContain(host("plain"), "b.example.com");
        assertThat(reason(credentials, host("tab"))).contains("control character");
        assertThat(credentials.toString())
                .doesNotContain("secret\0")
                .doesNotContain("sk-1")
                .doesNotContain("kkkk");
        assertThat(credentials)
                .filteredOn(credential -> credential.host().equals(host("nokey")))
                .singleElement()
                .satisfies(credential -> {
                    assertThat(credential.header()).isEqualTo("x-key");
                    assertThat(credential.secret().orElseThrow().toString())
                            .contains("plain")
                            .contains("other");
                });
    }

    private static String reason(List<UnresolvedCredential> credentials, String host) {
        return credentials.stream()
                .filter(credential -> credential.host().equals(host))
                .findFirst()
                .orElseThrow()
                .reason();
    }

    private static Case sends(String id, String name, String header, String value) {
        return inside(id)
                .to(host(name))
                .get("/e")
                .served(request -> assertThat(request.values(header)).containsExactly(value));
    }

    private static Case refuses(String id, String host) {
        return inside(id).to(host).get("/e").refused(500, "credential_unavailable");
    }

    private static String host(String name) {
        return name + ".secret.example.com";
    }
}
