package dev.sallyport.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.Decisions;
import dev.sallyport.policy.EgressPolicy;
import dev.sallyport.policy.Hosts;
import dev.sallyport.policy.Reason;
import dev.sallyport.testing.OddHosts;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The routes of the proxy, read as Envoy reads them, say of every host what {@link Decisions} says. The data-path suite asks the real Envoy about a part of them. */
class OddHostsTest {
    private static final Asked ANY = Asked.of("""
              - {host: "*"}
              - {host: api.example.com, ports: [443, 8443]}
              - {host: "*.wild.example.com", ports: [8443]}
              - {host: bad.wild.example.com, action: Deny}
              - {host: "*.int.example.org", action: Deny}
            """);

    private static final Asked SOME = Asked.of("""
              - {host: api.example.com}
              - {host: "*.wild.example.com"}
              - {host: "*.example.org"}
              - {host: bad.wild.example.com, action: Deny}
              - {host: "*.bad.wild.example.com", action: Deny}
            """);

    /** A policy, and the routes that its sidecars have at the proxy. */
    private record Asked(EgressPolicy policy, RouteConfiguration routes) {
        static Asked of(String hosts) {
            Models models = Models.of("""
                    apiVersion: sallyport.dev/v1alpha1
                    kind: EgressPolicy
                    metadata: {name: p, namespace: agents}
                    spec:
                      hosts:
                    """ + hosts);
            return new Asked(models.policy(), ProxyRoutes.of(models.model()));
        }
    }

    @Test
    @DisplayName("HOST-15 WILD-08 odd hosts: the routes decide as Decisions does")
    void agreeOnOddHosts() {
        OddHosts.all().forEach(OddHostsTest::agree);
    }

    @Test
    @DisplayName("HOST-15 WILD-08 hosts made at random: the routes decide as Decisions does")
    void agreeOnRandomHosts() {
        OddHosts.random(20260101).limit(5_000).forEach(OddHostsTest::agree);
    }

    @Test
    @DisplayName("HOST-15 a name whose last label is a number for some client is none")
    void knowsNumbers() {
        Pattern url = Pattern.compile("(.*[.])?([0-9]+|0[xX][0-9a-fA-F]*)");
        Pattern labels = Pattern.compile("[a-zA-Z0-9_-]+([.][a-zA-Z0-9_-]+)*");
        Stream.concat(OddHosts.all().stream(), OddHosts.random(7).limit(20_000))
                .forEach(host -> assertThat(host.matches(Hosts.NAME))
                        .as(host)
                        .isEqualTo(labels.matcher(host).matches()
                                && !url.matcher(host).matches()));
    }

    private static void agree(String host) {
        for (Asked policy : List.of(ANY, SOME)) {
            for (int port : List.of(443, 8443, 22)) {
                assertThat(byRoutes(policy.routes(), host, port))
                        .as("%s:%d", host, port)
                        .isEqualTo(Decisions.decide(policy.policy(), host, port).reason());
            }
        }
    }

    /** What a CONNECT is refused for; empty: it is let through. */
    private static Optional<Reason> byRoutes(RouteConfiguration routes, String host, int port) {
        // One trailing dot is taken away by the connection manager.
        String name = host.replaceFirst("[.]$", "");
        Route first = routes.getVirtualHostsList().stream()
                .flatMap(group -> group.getDomainsList().stream().map(domain -> new Domain(domain, group)))
                .filter(domain -> domain.covers(name.toLowerCase(Locale.ROOT)))
                .max(Comparator.comparing(Domain::isExact)
                        .thenComparing(domain -> domain.pattern().length()))
                .orElseThrow()
                .group()
                .getRoutesList()
                .stream()
                .filter(route -> takes(route, name + ":" + port))
                .findFirst()
                .orElseThrow();
        return first.hasRoute()
                ? Optional.empty()
                : Optional.of(Reason.valueOf(first.getName().toUpperCase(Locale.ROOT)));
    }

    private static boolean takes(Route route, String authority) {
        return route.getMatch().hasConnectMatcher()
                && route.getMatch().getHeadersList().stream().allMatch(header -> matches(header, authority));
    }

    private static boolean matches(HeaderMatcher header, String authority) {
        StringMatcher text = header.getStringMatch();
        boolean matches = switch (text.getMatchPatternCase()) {
            case SUFFIX -> authority.endsWith(text.getSuffix());
            case SAFE_REGEX -> authority.matches(text.getSafeRegex().getRegex());
            default -> throw new IllegalArgumentException(header.toString());
        };
        return matches != header.getInvertMatch();
    }

    /** As Envoy finds the virtual host of a name. */
    private record Domain(String pattern, VirtualHost group) {
        boolean isExact() {
            return !pattern.startsWith("*");
        }

        boolean covers(String name) {
            String suffix = pattern.substring(1);
            return isExact()
                    ? name.equals(pattern)
                    : pattern.equals("*") || name.endsWith(suffix) && name.length() > suffix.length();
        }
    }
}
