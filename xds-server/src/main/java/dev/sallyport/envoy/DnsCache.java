package dev.sallyport.envoy;

import dev.sallyport.policy.Addresses;
import dev.sallyport.proto.NewerFields;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DnsLookupFamily;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.RefreshRate;
import io.envoyproxy.envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig;

/**
 * The two DNS caches of a sidecar, and with them the guard against names that lead to addresses inside: what the cache refuses, no cluster can dial. Envoy shares a cache by its name, and demands that
 * all users give it the same configuration.
 */
final class DnsCache {
    static DnsCacheConfig.Builder of(Addresses addresses) {
        return NewerFields.resolvedAddressFilter(
                DnsCacheConfig.newBuilder()
                        .setName(ResourceNames.shared(addresses))
                        .setDnsLookupFamily(DnsLookupFamily.ALL)
                        .setMaxHosts(Envoy.uint32(1024))
                        .setHostTtl(Envoy.seconds(300))
                        // Otherwise a name without an address that may be used is not asked for again within a minute:
                        // no
                        // such name, or only refused addresses; and after no answer. A name that has one, as its TTL
                        // says.
                        .setDnsRefreshRate(Envoy.seconds(5))
                        .setDnsFailureRefreshRate(RefreshRate.newBuilder()
                                .setBaseInterval(Envoy.seconds(1))
                                .setMaxInterval(Envoy.seconds(10))),
                AddressRanges.refused(addresses));
    }

    private DnsCache() {}
}
