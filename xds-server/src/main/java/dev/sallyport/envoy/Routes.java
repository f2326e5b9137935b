package dev.sallyport.envoy;

import static dev.sallyport.envoy.Text.exactly;
import static dev.sallyport.envoy.Text.inHeader;

import com.google.protobuf.Struct;
import dev.sallyport.policy.Reason;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.RouteMatch.ConnectMatcher;
import java.util.List;
import java.util.Map;

/** The routes that all virtual hosts are made of. */
final class Routes {
    /** Envoy removes the other hop-by-hop headers by itself, and leaves of {@code te} what gRPC needs. */
    private static final List<String> HOP_BY_HOP = List.of("proxy-authorization", "proxy-connection", "keep-alive");

    private static final Metadata ALLOWED = verdict("allow");
    private static final Metadata DENIED = verdict("deny");

    static RouteConfiguration.Builder configuration(String name) {
        return RouteConfiguration.newBuilder().setName(name).addAllRequestHeadersToRemove(HOP_BY_HOP);
    }

    /** Refuses with {@code status}. {@link LocalReplies} makes the answer of the route's name, which is the reason, and of its body, which is the hint. */
    static Route.Builder deny(RouteMatch.Builder match, int status, Reason reason, String hint) {
        return Route.newBuilder()
                .setName(reason.code())
                .setMatch(match)
                .setDirectResponse(
                        DirectResponseAction.newBuilder().setStatus(status).setBody(Envoy.inline(hint)))
                .setMetadata(DENIED);
    }

    static Route.Builder allow(String name, RouteMatch.Builder match, RouteAction.Builder action) {
        return Route.newBuilder().setName(name).setMatch(match).setRoute(action).setMetadata(ALLOWED);
    }

    /** Refuses every request that has all of these headers, CONNECT included. */
    static List<Route> refuse(int status, Reason reason, String hint, HeaderMatcher.Builder... headers) {
        return List.of(
                deny(connects(headers), status, reason, hint).build(),
                deny(requests(headers), status, reason, hint).build());
    }

    static Route.Builder refuseTrace() {
        return refuseMethod(
                requests(inHeader(":method", exactly("TRACE"))),
                Reason.METHOD_NOT_ALLOWED,
                "TRACE is refused: its answer would repeat the credential");
    }

    static Route.Builder refuseConnect() {
        return refuseMethod(
                connects(),
                Reason.CONNECT_INSIDE_TLS,
                "send CONNECT to the proxy itself, not through a TLS connection");
    }

    /** Every request that has all of these headers, CONNECT excepted. */
    static RouteMatch.Builder requests(HeaderMatcher.Builder... headers) {
        return with(RouteMatch.newBuilder().setPrefix("/"), headers);
    }

    /** Every CONNECT that has all of these headers. */
    static RouteMatch.Builder connects(HeaderMatcher.Builder... headers) {
        return with(RouteMatch.newBuilder().setConnectMatcher(ConnectMatcher.getDefaultInstance()), headers);
    }

    private static Route.Builder refuseMethod(RouteMatch.Builder match, Reason reason, String hint) {
        return deny(match, 405, reason, hint)
                .addResponseHeadersToAdd(Envoy.header("allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"));
    }

    private static RouteMatch.Builder with(RouteMatch.Builder match, HeaderMatcher.Builder... headers) {
        for (HeaderMatcher.Builder header : headers) {
            match.addHeaders(header);
        }
        return match;
    }

    private static Metadata verdict(String verdict) {
        Struct fields = Envoy.struct(Map.of("verdict", verdict)).build();
        return Metadata.newBuilder().putFilterMetadata("sallyport", fields).build();
    }

    private Routes() {}
}
