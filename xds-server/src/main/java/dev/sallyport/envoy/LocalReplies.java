package dev.sallyport.envoy;

import static dev.sallyport.envoy.LogFilters.both;
import static dev.sallyport.envoy.LogFilters.cel;
import static dev.sallyport.envoy.LogFilters.requestHeader;
import static dev.sallyport.envoy.LogFilters.status;

import dev.sallyport.policy.HostEntry;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.Reason;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLogFilter;
import io.envoyproxy.envoy.config.core.v3.SubstitutionFormatString;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.LocalReplyConfig;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.ResponseMapper;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Answers that Envoy makes without asking an upstream, in the words of the verdict table. The first mapper that matches is used: it says the reason in a header, from which all share one body format. The last
 * one takes what is Envoy's own and leaves it so. Each costs memory in every chain, so a chain has those that it can need.
 *
 * @param policy named in every answer
 * @param host the format string of the host that answers name
 */
record LocalReplies(PolicyId policy, String host) {
    static final String REASON = "x-sallyport-reason";
    static final String POLICY = "x-sallyport-policy";

    /** For requests that are answered or sent from the proxy. */
    static LocalReplyConfig.Builder ofProxy(PolicyId policy) {
        LocalReplies replies = new LocalReplies(policy, TargetFilter.HOST);
        return replies.all(
                Stream.of(replies.refusedByRoute(), replies.addressNotPublic(), replies.upstreamUntrusted()));
    }

    /** For requests inside the TLS of a host. */
    static LocalReplyConfig.Builder of(PolicyId policy, HostEntry entry) {
        LocalReplies replies = new LocalReplies(policy, "%REQ(:AUTHORITY)%");
        return replies.all(Stream.of(
                        Stream.of(replies.refusedByRoute(), replies.upstreamUntrusted(), replies.absoluteForm()),
                        Destinations.isPinned(entry)
                                ? Stream.<ResponseMapper.Builder>empty()
                                : Stream.of(replies.addressNotPublic()),
                        entry.credentials().isEmpty()
                                ? Stream.<ResponseMapper.Builder>empty()
                                : Stream.of(replies.credentialUnavailable()))
                .flatMap(mappers -> mappers));
    }

    private LocalReplyConfig.Builder all(Stream<ResponseMapper.Builder> mappers) {
        return LocalReplyConfig.newBuilder()
                .addAllMappers(Stream.concat(mappers, Stream.of(asEnvoySaysIt()))
                        .map(ResponseMapper.Builder::build)
                        .toList())
                .setBodyFormat(SubstitutionFormatString.newBuilder()
                        .setContentType("application/json")
                        .setJsonFormat(Envoy.struct(Map.of(
                                "error",
                                "egress_denied",
                                "reason",
                                "%RESP(" + REASON + ")%",
                                "host",
                                host,
                                "policy",
                                policy.toString(),
                                "hint",
                                "%LOCAL_REPLY_BODY%"))));
    }

    private static ResponseMapper.Builder asEnvoySaysIt() {
        return ResponseMapper.newBuilder()
                .setFilter(LogFilters.any())
                .setBodyFormatOverride(
                        SubstitutionFormatString.newBuilder().setTextFormatSource(Envoy.inline("%LOCAL_REPLY_BODY%")));
    }

    private ResponseMapper.Builder addressNotPublic() {
        return reply(
                cel("response.code_details.contains(\"address_denied\")"),
                503,
                Reason.ADDRESS_NOT_PUBLIC,
                "the name of this host leads only to addresses that are not public; if that is meant, its entry needs addresses: Any");
    }

    private ResponseMapper.Builder upstreamUntrusted() {
        return reply(
                cel("response.code_details.contains(\"CERTIFICATE_VERIFY_FAILED\")"
                        + " || response.code_details.contains(\"KEY_USAGE_BIT_INCORRECT\")"),
                503,
                Reason.UPSTREAM_UNTRUSTED,
                "the certificate of the upstream is not valid for this host; nothing was sent");
    }

    /** With allow_absolute_url off, Envoy takes the URL for a path that does not begin with a slash. */
    private ResponseMapper.Builder absoluteForm() {
        return reply(
                both(status(404), requestHeader(Text.inHeader(":path", Text.startsWith("http")))),
                400,
                Reason.ABSOLUTE_FORM,
                "send the path only, not a whole URL");
    }

    /** A tombstone: the injector found an empty value. Second line behind the host's own route. */
    private ResponseMapper.Builder credentialUnavailable() {
        return reply(
                status(401),
                500,
                Reason.CREDENTIAL_UNAVAILABLE,
                "the Secret with the credential of this host is missing or cannot be used");
    }

    /** The route's name is the reason, and its body the hint. */
    private ResponseMapper.Builder refusedByRoute() {
        return mapper(cel("response.code_details == \"direct_response\""), "%ROUTE_NAME%");
    }

    private ResponseMapper.Builder reply(AccessLogFilter.Builder when, int status, Reason reason, String hint) {
        return mapper(when, reason.code()).setStatusCode(Envoy.uint32(status)).setBody(Envoy.inline(hint));
    }

    private ResponseMapper.Builder mapper(AccessLogFilter.Builder when, String reason) {
        return ResponseMapper.newBuilder()
                .setFilter(when)
                .addHeadersToAdd(Envoy.header(REASON, reason))
                .addHeadersToAdd(Envoy.header(POLICY, policy.toString()));
    }
}
