package dev.sallyport.proto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.xds.core.v3.CidrRange;
import com.google.protobuf.Any;
import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig;
import io.envoyproxy.envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig;
import io.envoyproxy.envoy.extensions.filters.http.header_mutation.v3.HeaderMutation;
import io.envoyproxy.envoy.extensions.filters.http.header_mutation.v3.Mutations;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.type.matcher.v3.AddressMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import org.junit.jupiter.api.Test;

final class ProtoYamlTest {

    private static final HttpFilter ROUTER = HttpFilter.newBuilder()
            .setName("router")
            .setTypedConfig(Any.pack(NewerFields.rejectConnectRequestEarlyData(
                            Router.newBuilder().setSuppressEnvoyHeaders(true))
                    .build()))
            .build();

    @Test
    void printsNewerFieldsLikeAllOthers() {
        assertThat(ProtoYaml.print(ROUTER)).isEqualTo("""
                name: router
                typed_config:
                  '@type': type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
                  suppress_envoy_headers: true
                  reject_connect_request_early_data: true
                """);
    }

    @Test
    void printsNewerFieldsBelowPublishedOnes() {
        ClusterConfig cluster = ClusterConfig.newBuilder()
                .setDnsCacheConfig(NewerFields.resolvedAddressFilter(
                        DnsCacheConfig.newBuilder().setName("public"),
                        AddressMatcher.newBuilder()
                                .addRanges(CidrRange.newBuilder()
                                        .setAddressPrefix("10.0.0.0")
                                        .setPrefixLen(UInt32Value.of(8)))))
                .build();

        assertThat(ProtoYaml.print(cluster)).isEqualTo("""
                dns_cache_config:
                  name: public
                  resolved_address_filter:
                    ranges:
                    - address_prefix: 10.0.0.0
                      prefix_len: 8
                """);
    }

    @Test
    void readsWhatItPrints() {
        HttpConnectionManager manager = HttpConnectionManager.newBuilder()
                .addHttpFilters(ROUTER)
                .addHttpFilters(HttpFilter.newBuilder()
                        .setTypedConfig(Any.pack(HeaderMutation.newBuilder()
                                .setMutations(NewerFields.removeRequestTrailers(
                                        Mutations.newBuilder()
                                                .addRequestMutations(
                                                        NewerFields.removeOnMatch(StringMatcher.newBuilder()
                                                                .setPrefix("x-"))),
                                        StringMatcher.newBuilder().setSuffix("y")))
                                .build())))
                .build();

        assertThat(ProtoYaml.parse(ProtoYaml.print(manager), HttpConnectionManager.newBuilder())
                        .build())
                .isEqualTo(manager);
    }

    @Test
    void refusesFieldsThatAMessageDoesNotHave() {
        assertThatThrownBy(() -> ProtoYaml.parse("name: x\nnope: 1\n", HttpFilter.newBuilder()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nope")
                .hasMessageContaining("HttpFilter");
    }

    @Test
    void refusesTextThatIsNoYaml() {
        assertThatThrownBy(() -> ProtoYaml.parse("name: [", HttpFilter.newBuilder()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void sortsMaps() {
        Struct.Builder one = Struct.newBuilder();
        Struct.Builder two = Struct.newBuilder();
        for (String key : new String[] {"b", "a", "c"}) {
            one.putFields(key, Value.newBuilder().setBoolValue(true).build());
        }
        for (String key : new String[] {"c", "b", "a"}) {
            two.putFields(key, Value.newBuilder().setBoolValue(true).build());
        }

        assertThat(ProtoYaml.print(Metadata.newBuilder()
                        .putFilterMetadata("x", one.build())
                        .build()))
                .isEqualTo(ProtoYaml.print(Metadata.newBuilder()
                        .putFilterMetadata("x", two.build())
                        .build()));
    }

    @Test
    void printsWholeNumbersAsSuch() {
        Struct.Builder numbers = Struct.newBuilder();
        for (double number : new double[] {15001, 0, -1, 0.25, 1e300}) {
            numbers.putFields(
                    "n" + number, Value.newBuilder().setNumberValue(number).build());
        }

        assertThat(ProtoYaml.print(numbers.build())).isEqualTo("""
                n-1.0: -1
                n0.0: 0
                n0.25: 0.25
                n1.0E300: 1.0E300
                n15001.0: 15001
                """);
        assertThat(ProtoYaml.parse(ProtoYaml.print(numbers.build()), Struct.newBuilder())
                        .build())
                .isEqualTo(numbers.build());
    }
}
