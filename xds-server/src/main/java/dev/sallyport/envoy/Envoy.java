package dev.sallyport.envoy;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.UInt64Value;
import com.google.protobuf.Value;
import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.EnvoyInternalAddress;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import java.util.Map;
import java.util.TreeMap;

/** The small vocabulary that every file in this package builds Envoy configuration with. It decides nothing. */
final class Envoy {
    /** Its bytes are part of every chain and must never change: Envoy leaves a chain whose config source changed without its secret until that secret is sent again. */
    static final ConfigSource FROM_ADS = ConfigSource.newBuilder()
            .setResourceApiVersion(ApiVersion.V3)
            .setAds(AggregatedConfigSource.getDefaultInstance())
            .setInitialFetchTimeout(millis(0))
            .build();

    static Any any(Message.Builder message) {
        return Any.pack(message.build());
    }

    static TypedExtensionConfig.Builder extension(String name, Message.Builder config) {
        return TypedExtensionConfig.newBuilder().setName(name).setTypedConfig(any(config));
    }

    static HttpFilter.Builder httpFilter(String name, Message.Builder config) {
        return HttpFilter.newBuilder().setName(name).setTypedConfig(any(config));
    }

    static Filter.Builder networkFilter(String name, Message.Builder config) {
        return Filter.newBuilder().setName(name).setTypedConfig(any(config));
    }

    static ListenerFilter.Builder listenerFilter(String name, Message.Builder config) {
        return ListenerFilter.newBuilder().setName(name).setTypedConfig(any(config));
    }

    static TransportSocket.Builder transportSocket(String name, Message.Builder config) {
        return TransportSocket.newBuilder().setName(name).setTypedConfig(any(config));
    }

    static SdsSecretConfig.Builder secretFromAds(String name) {
        return SdsSecretConfig.newBuilder().setName(name).setSdsConfig(FROM_ADS);
    }

    static Address.Builder address(String ip, int port) {
        return Address.newBuilder()
                .setSocketAddress(SocketAddress.newBuilder().setAddress(ip).setPortValue(port));
    }

    static Address.Builder internalAddress(String listener, String endpoint) {
        return Address.newBuilder()
                .setEnvoyInternalAddress(EnvoyInternalAddress.newBuilder()
                        .setServerListenerName(listener)
                        .setEndpointId(endpoint));
    }

    static DataSource.Builder inline(String text) {
        return DataSource.newBuilder().setInlineString(text);
    }

    /** Sets a header, whatever was there before. {@code value} is a format string. */
    static HeaderValueOption.Builder header(String name, String value) {
        return HeaderValueOption.newBuilder()
                .setHeader(HeaderValue.newBuilder().setKey(name).setValue(value))
                .setAppendAction(HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD);
    }

    /** Fields in the order of their names: the bytes of a message follow the order in which its map was filled. */
    static Struct.Builder struct(Map<String, String> fields) {
        Struct.Builder struct = Struct.newBuilder();
        new TreeMap<>(fields)
                .forEach((name, value) -> struct.putFields(
                        name, Value.newBuilder().setStringValue(value).build()));
        return struct;
    }

    static Duration millis(long millis) {
        return Durations.fromMillis(millis);
    }

    static Duration seconds(long seconds) {
        return Durations.fromSeconds(seconds);
    }

    static UInt64Value uint64(long value) {
        return UInt64Value.of(value);
    }

    static UInt32Value uint32(int value) {
        return UInt32Value.of(value);
    }

    private Envoy() {}
}
