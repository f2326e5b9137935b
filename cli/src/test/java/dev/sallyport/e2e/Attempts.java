package dev.sallyport.e2e;

import dev.sallyport.e2e.Case.Action;
import dev.sallyport.e2e.Case.Given;
import dev.sallyport.testing.HttpReply;
import dev.sallyport.testing.RawConnection;
import dev.sallyport.testing.TlsClient;
import java.io.IOException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLException;

/** What apps do in tables of cases. */
final class Attempts {
    /** CONNECT; where it is allowed, a request within the tunnel to the server name that the target has. */
    static Given connect(String id, String target) {
        return connect(id, target, target.replaceFirst("\\.*:[^:]*$", ""));
    }

    /** CONNECT; where it is allowed, a request within the tunnel to that server name. */
    static Given connect(String id, String target, String name) {
        return new Given(id, "CONNECT " + target, (app, marker) -> {
            try (RawConnection connection = app.open()) {
                HttpReply reply = connection.connect(target);
                return reply.status() == 200
                        ? exchange(connection, anyCertificate(name), hostOf(target, name), marker)
                        : reply;
            }
        });
    }

    /** CONNECT in exactly these lines, which is allowed, and a request to that server name within the tunnel. */
    static Given tunnel(String id, String name, String... lines) {
        return new Given(id, String.join(" | ", lines), (app, marker) -> {
            try (RawConnection connection = app.open()) {
                HttpReply reply = connection.request(lines).bodilessReply();
                return reply.status() == 200 ? exchange(connection, anyCertificate(name), name, marker) : reply;
            }
        });
    }

    /** A request to the proxy: its first line, and all others but the end of the head. */
    static Given proxy(String id, String... lines) {
        return new Given(id, String.join(" | ", lines), (app, marker) -> {
            try (RawConnection connection = app.open()) {
                return connection.request(with(marker, lines)).reply();
            }
        });
    }

    /** {@code GET url} at the proxy, with the Host that belongs to it. */
    static Given url(String id, String url) {
        String host = url.replaceFirst("^[a-z]+://", "").replaceFirst("/.*$", "");
        return proxy(id, "GET " + url + " HTTP/1.1", "Host: " + host);
    }

    /** Bytes to the proxy. */
    static Given raw(String id, String what, String bytes) {
        return new Given(id, what, (app, marker) -> {
            try (RawConnection connection = app.open()) {
                return connection.send(bytes).reply();
            }
        });
    }

    /** Bytes within a tunnel to api.example.com:443, in the place of TLS. */
    static Given inTunnel(String id, String what, byte[] bytes) {
        return new Given(id, what, (app, marker) -> {
            try (RawConnection connection = RawConnection.tunnel(app.proxy(), "api.example.com:443")) {
                connection.send(bytes);
                return afterHello(connection);
            }
        });
    }

    /** A request inside TLS to api.example.com. */
    static Inside inside(String id) {
        return new Inside(id, "api.example.com:443", "api.example.com", UnaryOperator.identity());
    }

    /**
     * Requests inside TLS.
     *
     * @param client a last change of what the client does
     */
    record Inside(String id, String target, String name, UnaryOperator<TlsClient> client) {
        /** The tunnel leads there. */
        Inside through(String other) {
            return new Inside(id, other, name, client);
        }

        /** The tunnel and the server name. */
        Inside to(String other) {
            return new Inside(id, other + ":443", other, client);
        }

        /** The server name only. */
        Inside asking(String other) {
            return new Inside(id, target, other, client);
        }

        /** Whatever certificate is shown, and without a server name. */
        Inside withoutName() {
            return new Inside(
                    id,
                    target,
                    "(none)",
                    trust -> TlsClient.trustingEveryone()
                            .offering(trust.protocols().toArray(String[]::new)));
        }

        /** Trusting the public CAs only, as for passthrough hosts. */
        Inside trustingPublicRoots() {
            return new Inside(
                    id,
                    target,
                    name,
                    trust -> TlsClient.trusting(Internet.get().publicRoots()).to(name));
        }

        /** Trusting the CA of own.example.com only. */
        Inside trustingOwnCa() {
            return new Inside(
                    id,
                    target,
                    name,
                    trust -> TlsClient.trusting(Internet.get().ownCa()).to(name));
        }

        /** Whatever certificate is shown. */
        Inside trustingEveryone() {
            return new Inside(
                    id, target, name, trust -> TlsClient.trustingEveryone().to(name));
        }

        /** GET with the Host that belongs to the target. */
        Given get(String path) {
            return get(path, hostOf(target, name));
        }

        /** GET with that Host. */
        Given get(String path, String host) {
            return request("GET " + path + " HTTP/1.1", "Host: " + host);
        }

        /** GET with that Host and more header lines. */
        Given get(String path, String host, String... lines) {
            List<String> all = new ArrayList<>(List.of("GET " + path + " HTTP/1.1", "Host: " + host));
            all.addAll(List.of(lines));
            return request(all.toArray(String[]::new));
        }

        /** These lines as the head of a request. */
        Given request(String... lines) {
            String what = (name.equals("api.example.com") ? "" : name + " ") + String.join(" | ", lines);
            return new Given(id, shorten(what), action(lines));
        }

        private Action action(String... lines) {
            return (app, marker) -> {
                try (RawConnection tunnel = RawConnection.tunnel(app.proxy(), target);
                        RawConnection tls =
                                tunnel.startTls(client.apply(app.trust().to(name)))) {
                    return tls.request(with(marker, lines)).reply();
                } catch (SSLException | SocketException e) {
                    return HttpReply.CLOSED;
                }
            };
        }
    }

    private static HttpReply exchange(RawConnection tunnel, TlsClient client, String host, String marker)
            throws IOException {
        try (RawConnection tls = tunnel.startTls(client)) {
            return tls.request("GET /e HTTP/1.1", "Host: " + host, "Connection: close", marker)
                    .reply();
        } catch (SSLException | SocketException e) {
            return HttpReply.CLOSED;
        }
    }

    private static TlsClient anyCertificate(String name) {
        return TlsClient.trustingEveryone().to(name.toLowerCase(Locale.ROOT));
    }

    private static HttpReply afterHello(RawConnection connection) throws IOException {
        return connection.isClosedByPeer() ? HttpReply.CLOSED : new HttpReply(-1, List.of(), "the server answered");
    }

    /** The name, with the port of the target if that is not 443. */
    private static String hostOf(String target, String name) {
        String port = target.substring(target.lastIndexOf(':') + 1);
        return port.equals("443") ? name : name + ":" + port;
    }

    private static String[] with(String marker, String... lines) {
        List<String> all = new ArrayList<>(List.of(lines));
        all.add("Connection: close");
        all.add(marker);
        return all.toArray(String[]::new);
    }

    private static String shorten(String text) {
        return text.length() > 120 ? text.substring(0, 117) + "..." : text;
    }

    private Attempts() {}
}
