package dev.sallyport.envoy;

import static dev.sallyport.envoy.Text.matches;

import io.envoyproxy.envoy.extensions.filters.http.header_to_metadata.v3.Config;
import io.envoyproxy.envoy.extensions.filters.http.header_to_metadata.v3.Config.KeyValuePair;
import io.envoyproxy.envoy.extensions.filters.http.header_to_metadata.v3.Config.Rule;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatchAndSubstitute;

/** Splits the target of a proxy request into host and port, for answers and the log. */
final class TargetFilter {
    static final String HOST = "%DYNAMIC_METADATA(sallyport:host)%";
    static final String PORT = "%DYNAMIC_METADATA(sallyport:port)%";

    static HttpFilter.Builder of() {
        return Envoy.httpFilter(
                "target",
                Config.newBuilder()
                        .addRequestRules(part("host", "^(.*?)(?::\\d*)?$"))
                        .addRequestRules(part("port", "^.*?(?::(\\d+))?$")));
    }

    private static Rule.Builder part(String key, String regex) {
        return Rule.newBuilder()
                .setHeader(":authority")
                .setOnHeaderPresent(KeyValuePair.newBuilder()
                        .setMetadataNamespace("sallyport")
                        .setKey(key)
                        .setRegexValueRewrite(RegexMatchAndSubstitute.newBuilder()
                                .setPattern(matches(regex).getSafeRegex())
                                .setSubstitution("\\1")));
    }

    private TargetFilter() {}
}
