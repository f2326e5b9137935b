package dev.sallyport.envoy;

import io.envoyproxy.envoy.config.accesslog.v3.AccessLogFilter;
import io.envoyproxy.envoy.config.accesslog.v3.AndFilter;
import io.envoyproxy.envoy.config.accesslog.v3.ComparisonFilter;
import io.envoyproxy.envoy.config.accesslog.v3.ExtensionFilter;
import io.envoyproxy.envoy.config.accesslog.v3.HeaderFilter;
import io.envoyproxy.envoy.config.accesslog.v3.NotHealthCheckFilter;
import io.envoyproxy.envoy.config.accesslog.v3.ResponseFlagFilter;
import io.envoyproxy.envoy.config.accesslog.v3.StatusCodeFilter;
import io.envoyproxy.envoy.config.core.v3.RuntimeUInt32;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter;
import java.util.List;

/** Conditions on a request that is over: for log lines, and for the answers that Envoy makes by itself. */
final class LogFilters {
    /** A CEL expression over Envoy's <a href="https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/advanced/attributes">attributes</a>. */
    static AccessLogFilter.Builder cel(String expression) {
        return AccessLogFilter.newBuilder()
                .setExtensionFilter(ExtensionFilter.newBuilder()
                        .setName("cel")
                        .setTypedConfig(Envoy.any(ExpressionFilter.newBuilder().setExpression(expression))));
    }

    /** Everything: no connection manager of ours has health checks. */
    static AccessLogFilter.Builder any() {
        return AccessLogFilter.newBuilder().setNotHealthCheckFilter(NotHealthCheckFilter.getDefaultInstance());
    }

    /** Any of Envoy's response flags. */
    static AccessLogFilter.Builder flags(String... flags) {
        return AccessLogFilter.newBuilder()
                .setResponseFlagFilter(ResponseFlagFilter.newBuilder().addAllFlags(List.of(flags)));
    }

    static AccessLogFilter.Builder status(int status) {
        return AccessLogFilter.newBuilder()
                .setStatusCodeFilter(StatusCodeFilter.newBuilder()
                        .setComparison(ComparisonFilter.newBuilder()
                                .setOp(ComparisonFilter.Op.EQ)
                                // The key is mandatory; no runtime layer sets it.
                                .setValue(RuntimeUInt32.newBuilder()
                                        .setDefaultValue(status)
                                        .setRuntimeKey("unused"))));
    }

    static AccessLogFilter.Builder requestHeader(HeaderMatcher.Builder header) {
        return AccessLogFilter.newBuilder()
                .setHeaderFilter(HeaderFilter.newBuilder().setHeader(header));
    }

    static AccessLogFilter.Builder both(AccessLogFilter.Builder one, AccessLogFilter.Builder other) {
        return AccessLogFilter.newBuilder()
                .setAndFilter(AndFilter.newBuilder().addFilters(one).addFilters(other));
    }

    private LogFilters() {}
}
