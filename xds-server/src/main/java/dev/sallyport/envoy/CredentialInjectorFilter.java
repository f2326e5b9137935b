package dev.sallyport.envoy;

import com.google.protobuf.Any;
import dev.sallyport.policy.CredentialSpec;
import io.envoyproxy.envoy.extensions.filters.http.credential_injector.v3.CredentialInjector;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.http.injected_credentials.generic.v3.Generic;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Puts a credential that the app never sees on its requests. The secret holds the header's whole value, so that rotation touches nothing else. */
final class CredentialInjectorFilter {
    static HttpFilter.Builder of(String host, CredentialSpec credential) {
        return Envoy.httpFilter(
                name(credential),
                CredentialInjector.newBuilder()
                        // Whatever the app put into this header is never sent.
                        .setOverwrite(true)
                        .setCredential(Envoy.extension(
                                "envoy.http.injected_credentials.generic",
                                Generic.newBuilder()
                                        .setHeader(credential.header())
                                        .setCredential(Envoy.secretFromAds(
                                                ResourceNames.credential(host, credential.header()))))));
    }

    /** For a route that answers by itself: an injector that acted would come first, and say 401. */
    static Map<String, Any> disabled(List<CredentialSpec> credentials) {
        Map<String, Any> filters = new TreeMap<>();
        credentials.forEach(credential -> filters.put(name(credential), RouteFilters.disabled()));
        return filters;
    }

    private static String name(CredentialSpec credential) {
        return "inject/" + credential.header();
    }

    private CredentialInjectorFilter() {}
}
