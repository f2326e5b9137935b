package dev.sallyport.envoy;

import static dev.sallyport.envoy.LogFilters.flags;

import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.policy.Reason;
import io.envoyproxy.envoy.config.listener.v3.AdditionalAddress;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst;
import java.util.List;
import java.util.stream.Stream;

/** Where the packet rules send what apps dial by themselves. The port that was dialled decides; the address does not count, for the name in the TLS does. */
final class CaptureListener {
    /** HTTP in clear. TLS to port 80 is not taken from here; a policy that lists the port is reached through the proxy. */
    private static final int HTTP = 80;

    static Listener of(EntryListeners.Basis basis, SidecarPorts ports) {
        return Listener.newBuilder()
                .setName(ResourceNames.CAPTURE)
                .setAddress(Envoy.address("127.0.0.1", ports.capture()))
                .addAllAdditionalAddresses(
                        ports.ipv6()
                                ? List.of(AdditionalAddress.newBuilder()
                                        .setAddress(Envoy.address("::1", ports.capture()))
                                        .build())
                                : List.of())
                .setPerConnectionBufferLimitBytes(EntryListeners.BUFFER)
                .addListenerFilters(
                        Envoy.listenerFilter("envoy.filters.listener.original_dst", OriginalDst.newBuilder()))
                .addAccessLog(LogLine.of(basis.id())
                        .because(Reason.NO_MATCHING_CHAIN)
                        .with("connect", "%DOWNSTREAM_LOCAL_ADDRESS%")
                        .with("details", "%CONNECTION_TERMINATION_DETAILS%")
                        .when(flags("NR")))
                .addAccessLog(ConnectionLimit.log(basis.id()))
                .addAllFilterChains(chains(basis))
                .build();
    }

    private static List<FilterChain> chains(EntryListeners.Basis basis) {
        Stream<FilterChain.Builder> tls = basis.internal().stream()
                .filter(port -> port != HTTP)
                // The inner hop ends what is idle, so this one need not.
                .map(port -> chain(port)
                        .addFilters(TcpProxies.to(ResourceNames.tls(port), "capture", Envoy.seconds(0), List.of())));
        FilterChain.Builder http = chain(HTTP).addFilters(ProxyListener.manager(basis.id(), ResourceNames.CAPTURE));
        return Stream.concat(tls, Stream.of(http))
                .map(FilterChain.Builder::build)
                .toList();
    }

    private static FilterChain.Builder chain(int port) {
        return FilterChain.newBuilder()
                .setName("capture/" + port)
                .setFilterChainMatch(FilterChainMatch.newBuilder().setDestinationPort(Envoy.uint32(port)))
                .addFilters(ConnectionLimit.filter())
                .addFilters(FilterState.ofCaptured());
    }

    private CaptureListener() {}
}
