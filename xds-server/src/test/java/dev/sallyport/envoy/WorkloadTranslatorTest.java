package dev.sallyport.envoy;

import static java.util.Objects.requireNonNull;
import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.Reason;
import dev.sallyport.proto.ProtoYaml;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WorkloadTranslatorTest {
    private static final String API = """
            {host: api.example.com, ports: [443, 8443], credentials: [\
            {header: x-api-key, valueFrom: {secretKeyRef: {name: api, key: token}}}, \
            {header: authorization, format: "Bearer {value}", valueFrom: {secretKeyRef: {name: api, key: token}}}]}""";

    private static final String[] HOSTS = {
        API,
        "{host: b.example.com}",
        "{host: '*.wild.example.com'}",
        "{host: bad.wild.example.com, action: Deny}",
        "{host: worse.wild.example.com, action: Deny}",
        "{host: pin.example.com, tls: Passthrough, resolveTo: [192.0.2.1, 192.0.2.2]}",
        "{host: any.example.com, addresses: Any}"
    };

    @Test
    @DisplayName("DEC-11 the order of hosts in a policy changes no byte")
    void makesEqualBytesInAnyOrder() {
        Map<String, ByteString> expected = bytes(Models.withHosts(HOSTS));
        Random random = new Random(11);
        for (int i = 0; i < 20; i++) {
            List<String> shuffled = Arrays.asList(HOSTS.clone());
            Collections.shuffle(shuffled, random);

            assertThat(bytes(Models.withHosts(shuffled.toArray(String[]::new)))).isEqualTo(expected);
        }
    }

    @Test
    @DisplayName("DEC-09 a new host leaves the chains of the others, and all else of their listener, as they are")
    void keepsEveryOtherChain() {
        Translation before = WorkloadTranslator.translate(Models.withHosts(HOSTS));
        String[] more = Arrays.copyOf(HOSTS, HOSTS.length + 1);
        more[HOSTS.length] = "{host: aaa.example.com, timeouts: {request: 1s, idle: 5h}}";
        Translation after = WorkloadTranslator.translate(Models.withHosts(more));

        assertThat(after.internalListeners().keySet())
                .isEqualTo(before.internalListeners().keySet());
        before.internalListeners().forEach((name, listener) -> {
            Listener changed = named(name, after.internalListeners());
            assertThat(withoutChains(changed)).isEqualTo(withoutChains(listener));
            // What is closed at once may share a chain that grows.
            Map<String, FilterChain> kept = chains(listener);
            kept.remove("port_not_allowed");
            assertThat(chains(changed)).containsAllEntriesOf(kept);
        });
        assertThat(EntryListeners.of(Models.withHosts(more), SidecarPorts.DEFAULT))
                .isEqualTo(EntryListeners.of(Models.withHosts(HOSTS), SidecarPorts.DEFAULT));
    }

    @Test
    void keepsChainsWhenACredentialOrCaBecomesUsable() {
        String[] hosts = {API, "{host: ca.example.com, trustedCa: {configMapKeyRef: {name: r, key: k}}}"};
        WorkloadModel usable = Models.withHosts(hosts);
        WorkloadModel unusable = new WorkloadModel(
                usable.id(),
                usable.hosts(),
                usable.denyHint(),
                new TreeSet<>(Set.of("api.example.com")),
                new TreeMap<>(),
                usable.leaving(),
                usable.retainedPorts(),
                usable.workloadCas());

        assertThat(WorkloadTranslator.translate(unusable).internalListeners())
                .isEqualTo(WorkloadTranslator.translate(usable).internalListeners());
        assertThat(WorkloadTranslator.translate(unusable).secretNames())
                .isEqualTo(WorkloadTranslator.translate(usable).secretNames());
    }

    @ParameterizedTest
    @MethodSource("dev.sallyport.envoy.GoldenCase#all")
    void namesOnlyWhatExists(GoldenCase golden) {
        Translation translation = WorkloadTranslator.translate(golden.model());
        Names names = new Names();
        resources(golden.model()).values().forEach(resource -> names.collect(ProtoYaml.print(resource)));

        assertThat(names.secrets()).isEqualTo(translation.secretNames());
        assertThat(translation.routes().keySet()).containsAll(names.routes());
        assertThat(translation.clusters().keySet()).containsAll(names.clusters());
        assertThat(translation.internalListeners().keySet()).isEqualTo(names.internalListeners());
    }

    @Test
    @DisplayName("SEC-16 credentials, constants too, are in secrets alone")
    void putsNoCredentialIntoOtherResources() {
        WorkloadModel model = Models.withHosts(
                "{host: api.example.com, credentials: [{header: x-team, format: 'canary-format {value}', value: canary-value}]}");

        assertThat(WorkloadTranslator.translate(model).secretNames()).contains("credential/api.example.com/x-team");
        assertThat(resources(model).values())
                .noneMatch(resource -> ProtoYaml.print(resource).contains("canary"));
    }

    @Test
    @DisplayName("DEC-11 maps are filled in the order of their keys, whatever map they came from")
    void sortsMaps() {
        Map<String, String> fields = Map.of("d", "1", "b", "2", "a", "3", "c", "4", "e", "5", "f", "6", "g", "7");

        assertThat(Envoy.struct(fields).build().getFieldsMap().keySet())
                .containsExactly("a", "b", "c", "d", "e", "f", "g");
    }

    @Test
    void ownsNoPortThatTheSidecarDoesNotHave() {
        WorkloadModel model = Models.withHosts(HOSTS);

        assertThat(EntryListeners.of(model, new SidecarPorts(1, 0, "127.0.0.1", 2, false)))
                .containsOnlyKeys("proxy", "ready");
        assertThat(named("capture", EntryListeners.of(model, new SidecarPorts(1, 3, "127.0.0.1", 2, false)))
                        .getAdditionalAddressesList())
                .isEmpty();
        assertThat(named("capture", EntryListeners.of(model, SidecarPorts.DEFAULT))
                        .getAdditionalAddressesList())
                .hasSize(1);
    }

    @Test
    void keepsAListenerThatNoEntryNeedsAnyLonger() {
        WorkloadModel model = Models.of("""
                apiVersion: sallyport.dev/v1alpha1
                kind: EgressPolicy
                metadata: {name: p, namespace: agents}
                spec: {hosts: []}
                """).retaining(8443).model();

        assertThat(WorkloadTranslator.translate(model).internalListeners()).containsOnlyKeys("tls/443", "tls/8443");
        assertThat(chains(named("tls/8443", WorkloadTranslator.translate(model).internalListeners())))
                .containsOnlyKeys("placeholder");
    }

    @Test
    void refusesEverythingUnderNamesThatDoNotExist() {
        RouteConfiguration routes = ProxyRoutes.denyAll("tls/9", new PolicyId("agents", "p"));

        assertThat(routes.getName()).isEqualTo("tls/9");
        assertThat(routes.getVirtualHostsList()).singleElement().satisfies(host -> {
            assertThat(host.getDomainsList()).containsExactly("*");
            assertThat(host.getRoutesList()).allMatch(Route::hasDirectResponse);
            assertThat(host.getRoutesList()).extracting(Route::getName).contains(Reason.HOST_NOT_ALLOWED.code());
        });
    }

    @Test
    void cutsAHintThatEnvoyWouldRefuse() {
        WorkloadModel model = Models.withHosts();
        WorkloadModel wordy = new WorkloadModel(
                model.id(),
                model.hosts(),
                "é".repeat(5_000),
                model.unavailable(),
                model.trustedCas(),
                model.leaving(),
                model.retainedPorts(),
                model.workloadCas());

        assertThat(ProxyRoutes.of(wordy).getVirtualHosts(0).getRoutesList())
                .allMatch(route -> route.getDirectResponse()
                                .getBody()
                                .getInlineStringBytes()
                                .size()
                        < 4_096);
    }

    private static Listener named(String name, Map<String, Listener> listeners) {
        return requireNonNull(listeners.get(name), name);
    }

    private static Map<String, FilterChain> chains(Listener listener) {
        return listener.getFilterChainsList().stream()
                .collect(toMap(FilterChain::getName, identity(), (one, two) -> one, TreeMap::new));
    }

    private static Listener withoutChains(Listener listener) {
        return listener.toBuilder().clearFilterChains().build();
    }

    private static Map<String, ByteString> bytes(WorkloadModel model) {
        return resources(model).entrySet().stream()
                .collect(toMap(Map.Entry::getKey, entry -> entry.getValue().toByteString()));
    }

    private static SortedMap<String, Message> resources(WorkloadModel model) {
        Translation translation = WorkloadTranslator.translate(model);
        SortedMap<String, Message> all = new TreeMap<>();
        Stream.<Map<String, ? extends Message>>of(
                        translation.clusters(),
                        translation.internalListeners(),
                        translation.routes(),
                        EntryListeners.of(model, SidecarPorts.DEFAULT))
                .map(Map::entrySet)
                .<Map.Entry<String, ? extends Message>>flatMap(Set::stream)
                .map(Function.identity())
                .forEach(entry ->
                        all.put(entry.getValue().getClass().getSimpleName() + " " + entry.getKey(), entry.getValue()));
        return all;
    }
}
