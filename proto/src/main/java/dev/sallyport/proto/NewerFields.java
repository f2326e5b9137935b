package dev.sallyport.proto;

import com.google.protobuf.BoolValue;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UInt32Value;
import dev.sallyport.proto.newer.NewerDnsCacheConfig;
import dev.sallyport.proto.newer.NewerGeneric;
import dev.sallyport.proto.newer.NewerHeaderMutation;
import dev.sallyport.proto.newer.NewerHeaderMutation.RemoveOnMatch;
import dev.sallyport.proto.newer.NewerMutations;
import dev.sallyport.proto.newer.NewerRouter;
import dev.sallyport.proto.newer.NewerTcpProxy;
import dev.sallyport.proto.newer.UpstreamConnectMode;
import io.envoyproxy.envoy.config.common.mutation_rules.v3.HeaderMutation;
import io.envoyproxy.envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig;
import io.envoyproxy.envoy.extensions.filters.http.header_mutation.v3.Mutations;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.http.injected_credentials.generic.v3.Generic;
import io.envoyproxy.envoy.type.matcher.v3.AddressMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.Map;

/**
 * Fields that every supported Envoy has, but not the published Java API. {@code newer.proto} declares them with Envoy's numbers in partial messages. On the wire a message is the concatenation of its
 * fields, so merging the bytes of a partial message into the published one gives the bytes that Envoy expects; in Java the published class carries them as unknown fields.
 *
 * <p>Once the published API has one of these, {@code NewerSchema} fails on the number that is there twice: then its method and its message go.
 */
public final class NewerFields {
    /** The published message, by full name, and the part that it lacks. */
    static final Map<String, Descriptor> MISSING = Map.of(
            DnsCacheConfig.getDescriptor().getFullName(), NewerDnsCacheConfig.getDescriptor(),
            Router.getDescriptor().getFullName(), NewerRouter.getDescriptor(),
            Mutations.getDescriptor().getFullName(), NewerMutations.getDescriptor(),
            HeaderMutation.getDescriptor().getFullName(), NewerHeaderMutation.getDescriptor(),
            Generic.getDescriptor().getFullName(), NewerGeneric.getDescriptor(),
            TcpProxy.getDescriptor().getFullName(), NewerTcpProxy.getDescriptor());

    /** Drops the resolved addresses that {@code filter} matches; a name with no address left does not resolve. */
    public static DnsCacheConfig.Builder resolvedAddressFilter(
            DnsCacheConfig.Builder config, AddressMatcher.Builder filter) {
        return merge(config, NewerDnsCacheConfig.newBuilder().setResolvedAddressFilter(filter));
    }

    /** Refuses a CONNECT that has bytes behind it before it was answered. */
    public static Router.Builder rejectConnectRequestEarlyData(Router.Builder router) {
        return merge(router, NewerRouter.newBuilder().setRejectConnectRequestEarlyData(BoolValue.of(true)));
    }

    /** Removes every header, or trailer, whose name matches. */
    public static HeaderMutation.Builder removeOnMatch(StringMatcher.Builder name) {
        return merge(
                HeaderMutation.newBuilder(),
                NewerHeaderMutation.newBuilder()
                        .setRemoveOnMatch(RemoveOnMatch.newBuilder().setKeyMatcher(name)));
    }

    /** Removes every request trailer. */
    public static Mutations.Builder removeRequestTrailers(Mutations.Builder mutations, StringMatcher.Builder name) {
        return merge(
                mutations,
                NewerMutations.newBuilder()
                        .addRequestTrailersMutations(NewerHeaderMutation.newBuilder()
                                .setRemoveOnMatch(RemoveOnMatch.newBuilder().setKeyMatcher(name))));
    }

    /** Dials only when there are bytes to send, so that the filters before this one have seen them; at most {@code bytes} wait for that. */
    public static TcpProxy.Builder connectOnData(TcpProxy.Builder proxy, UInt32Value bytes) {
        return merge(
                proxy,
                NewerTcpProxy.newBuilder()
                        .setUpstreamConnectMode(UpstreamConnectMode.ON_DOWNSTREAM_DATA)
                        .setMaxEarlyDataBytes(bytes));
    }

    /** Puts {@code prefix} before the secret in the header's value. */
    public static Generic.Builder headerValuePrefix(Generic.Builder credential, String prefix) {
        return merge(credential, NewerGeneric.newBuilder().setHeaderValuePrefix(prefix));
    }

    @SuppressWarnings("unchecked") // mergeFrom returns the builder it is called on
    private static <B extends Message.Builder> B merge(B published, Message.Builder missing) {
        try {
            return (B) published.mergeFrom(missing.build().toByteString());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("bytes that were just made do not parse", e);
        }
    }

    private NewerFields() {}
}
