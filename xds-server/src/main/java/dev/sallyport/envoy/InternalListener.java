package dev.sallyport.envoy;

import static dev.sallyport.envoy.LogFilters.cel;
import static dev.sallyport.envoy.LogFilters.flags;

import dev.sallyport.policy.HostEntry;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.Reason;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLog;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.listener.v3.Listener.InternalListenerConfig;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where all connections to one port arrive, however they came: one chain for each host, none for what no host covers. Only the chains may ever change; a change of any other field cuts every connection.
 */
final class InternalListener {
    static Listener of(WorkloadModel model, int port) {
        return Listener.newBuilder()
                .setName(ResourceNames.tls(port))
                .setInternalListener(InternalListenerConfig.getDefaultInstance())
                .setListenerFiltersTimeout(Envoy.seconds(10))
                .setPerConnectionBufferLimitBytes(EntryListeners.BUFFER)
                .addListenerFilters(
                        Envoy.listenerFilter("envoy.filters.listener.tls_inspector", TlsInspector.newBuilder()))
                .addAllAccessLog(logs(model.id(), port))
                .addAllFilterChains(chains(model, port))
                .build();
    }

    private static List<FilterChain> chains(WorkloadModel model, int port) {
        Entries entries = new Entries(model);
        InterceptChains intercepting = new InterceptChains(model.id(), port);
        return Stream.of(
                        Stream.of(ClosingChain.placeholder()),
                        entries.allowedOn(port).map(entry -> chain(intercepting, model.id(), entry, port)),
                        closing(entries, port, Reason.HOST_DENIED),
                        closing(entries, port, Reason.PORT_NOT_ALLOWED))
                .flatMap(chains -> chains)
                .map(FilterChain.Builder::build)
                .toList();
    }

    private static FilterChain.Builder chain(InterceptChains intercepting, PolicyId policy, HostEntry entry, int port) {
        return Destinations.isPassthrough(entry) ? PassthroughChain.of(policy, entry, port) : intercepting.of(entry);
    }

    private static Stream<FilterChain.Builder> closing(Entries entries, int port, Reason reason) {
        return ClosingChain.of(entries.model().id(), entries.refusedOn(port, reason), reason, port);
    }

    /** What never became a request, and so has no line of its own. */
    private static List<AccessLog> logs(PolicyId policy, int port) {
        LogLine line = LogLine.of(policy)
                .onPort(port)
                .with("tls_failure", "%DOWNSTREAM_TRANSPORT_FAILURE_REASON%")
                .with("details", "%CONNECTION_TERMINATION_DETAILS%");
        return List.of(
                line.because(Reason.NO_MATCHING_CHAIN).when(flags("NR")).build(),
                line.because(Reason.TLS_FAILURE)
                        .allowed()
                        // An app that closes without a TLS goodbye is a "failure" too, but not one of "SSL routines".
                        .when(cel("connection.transport_failure_reason.startsWith(\"TLS_error:|\")"
                                + " && connection.transport_failure_reason.contains(\"SSL routines\")"))
                        .build());
    }

    private InternalListener() {}
}
