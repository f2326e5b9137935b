package dev.sallyport.envoy;

import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.Reason;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLog;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLogFilter;
import io.envoyproxy.envoy.config.core.v3.SubstitutionFormatString;
import io.envoyproxy.envoy.extensions.access_loggers.stream.v3.StdoutAccessLog;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One JSON line on the sidecar's stdout. All hops write the same fields; what does not exist is null. Never a header value of the app's choice, a query or a body.
 *
 * @param fields by name, in Envoy's <a href="https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage">format</a>
 */
record LogLine(SortedMap<String, String> fields) {
    /** An operator that is null here, as a field that does not apply. */
    private static final String NOTHING = "%RESP(X)%";

    private static final Map<String, String> FIELDS = Map.ofEntries(
            Map.entry("time", "%START_TIME%"),
            // The same in both hops, so that their lines can be joined.
            Map.entry("connection", "%FILTER_STATE(sallyport.connection:PLAIN)%"),
            Map.entry("host", "%REQUESTED_SERVER_NAME%"),
            Map.entry("port", NOTHING),
            Map.entry("authority", "%REQ(:AUTHORITY)%"),
            // What the app asked to be connected to: the target of CONNECT, or the address that it dialled.
            Map.entry("connect", "%FILTER_STATE(sallyport.connect:PLAIN)%"),
            Map.entry("method", "%REQ(:METHOD)%"),
            Map.entry("path", "%PATH(NQ)%"),
            Map.entry("verdict", "deny"),
            Map.entry("reason", "%RESP(" + LocalReplies.REASON + ")%"),
            Map.entry("status", "%RESPONSE_CODE%"),
            Map.entry("bytes_received", "%BYTES_RECEIVED%"),
            Map.entry("bytes_sent", "%BYTES_SENT%"),
            Map.entry("duration_ms", "%DURATION%"),
            // The peer itself: %UPSTREAM_HOST% names the first address that was tried.
            Map.entry("upstream", "%UPSTREAM_REMOTE_ADDRESS%"),
            Map.entry("tls_failure", "%UPSTREAM_TRANSPORT_FAILURE_REASON%"),
            Map.entry("details", "%RESPONSE_CODE_DETAILS%"),
            Map.entry("flags", "%RESPONSE_FLAGS%"));

    LogLine {
        fields = Collections.unmodifiableSortedMap(new TreeMap<>(fields));
    }

    /** A refused connection. */
    static LogLine of(PolicyId policy) {
        return new LogLine(new TreeMap<>(FIELDS)).with("policy", policy.toString());
    }

    /** A request: the route says what the policy decided. */
    static LogLine ofRequests(PolicyId policy) {
        return of(policy).with("verdict", "%METADATA(ROUTE:sallyport:verdict)%");
    }

    LogLine with(String field, String format) {
        SortedMap<String, String> changed = new TreeMap<>(fields);
        changed.put(field, format);
        return new LogLine(changed);
    }

    LogLine onPort(int port) {
        return with("port", String.valueOf(port));
    }

    LogLine because(Reason reason) {
        return with("reason", reason.code());
    }

    LogLine allowed() {
        return with("verdict", "allow");
    }

    AccessLog.Builder always() {
        return AccessLog.newBuilder()
                .setName("stdout")
                .setTypedConfig(Envoy.any(StdoutAccessLog.newBuilder()
                        .setLogFormat(SubstitutionFormatString.newBuilder().setJsonFormat(Envoy.struct(fields)))));
    }

    AccessLog.Builder when(AccessLogFilter.Builder filter) {
        return always().setFilter(filter);
    }
}
