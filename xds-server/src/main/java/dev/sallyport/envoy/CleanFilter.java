package dev.sallyport.envoy;

import static dev.sallyport.proto.NewerFields.removeOnMatch;

import com.google.protobuf.Any;
import dev.sallyport.policy.CredentialSpec;
import dev.sallyport.proto.NewerFields;
import io.envoyproxy.envoy.config.common.mutation_rules.v3.HeaderMutation;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.extensions.filters.http.header_mutation.v3.HeaderMutationPerRoute;
import io.envoyproxy.envoy.extensions.filters.http.header_mutation.v3.Mutations;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import java.util.List;
import java.util.stream.Stream;

/** Takes from a request what an app could use to mislead the upstream or the log, and every copy of a header that the sidecar sets. */
final class CleanFilter {
    /**
     * The host of a request without its port. Envoy lets no filter change {@code :authority}, but a route may take the host from a header: {@code http://h:80/} means port 443. It never leaves the sidecar.
     */
    static final String AUTHORITY = "x-sallyport-authority";

    /** The name of {@link #hiding()}, for routes. */
    static final String HIDING = "hide";

    /** Envoy itself drops only those of its headers that it would obey; this takes them all. */
    private static final List<String> MISLEADING = List.of("x-envoy-", "x-forwarded-", "x-sallyport-");

    /** For an intercepted host. */
    static HttpFilter.Builder of(List<CredentialSpec> credentials) {
        return filter("clean", clean().addAllRequestMutations(copies(credentials)));
    }

    /** For the proxy, where {@link #AUTHORITY} is set to what the filter before it read. */
    static HttpFilter.Builder noting(HeaderValueOption.Builder authority) {
        return filter(
                "clean", clean().addRequestMutations(HeaderMutation.newBuilder().setAppend(authority)));
    }

    /** Does nothing, unless a route says {@link #withoutAuthority}. */
    static HttpFilter.Builder hiding() {
        return filter(HIDING, Mutations.newBuilder());
    }

    /** For a route that leads to an upstream: {@link #AUTHORITY} goes no further. */
    static Any withoutAuthority() {
        return Envoy.any(HeaderMutationPerRoute.newBuilder()
                .setMutations(Mutations.newBuilder().addRequestMutations(remove(AUTHORITY))));
    }

    private static Mutations.Builder clean() {
        // Trailers are for gRPC's answers; nothing needs them in requests.
        return NewerFields.removeRequestTrailers(Mutations.newBuilder(), Text.matches(".*"))
                .addAllRequestMutations(MISLEADING.stream()
                        .map(prefix -> removeOnMatch(Text.startsWith(prefix)).build())
                        .toList());
    }

    /** Some servers read {@code x_api_key} as {@code x-api-key}, so both forms go. */
    private static List<HeaderMutation> copies(List<CredentialSpec> credentials) {
        return credentials.stream()
                .map(CredentialSpec::header)
                .flatMap(header -> Stream.of(header, header.replace('-', '_')))
                .distinct()
                .map(header -> remove(header).build())
                .toList();
    }

    private static HeaderMutation.Builder remove(String header) {
        return HeaderMutation.newBuilder().setRemove(header);
    }

    private static HttpFilter.Builder filter(String name, Mutations.Builder mutations) {
        return Envoy.httpFilter(
                name,
                io.envoyproxy.envoy.extensions.filters.http.header_mutation.v3.HeaderMutation.newBuilder()
                        .setMutations(mutations));
    }

    private CleanFilter() {}
}
