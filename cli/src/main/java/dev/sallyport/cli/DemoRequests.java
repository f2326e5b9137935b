package dev.sallyport.cli;

import dev.sallyport.cli.DemoClient.Answer;
import dev.sallyport.cli.DemoClient.Tunnel;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import javax.net.ssl.SSLException;

/** What the demo's app does, and what should come of it. */
final class DemoRequests {
    private static final String OWN_KEY = "x-api-key: made-up-by-the-app\r\n";
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final long POLL_MILLIS = 10;

    private final DemoSite site;
    private final DemoClient client;
    private final DemoClient upstreamOnly;
    private final Consumer<DemoCheck> done;

    /**
     * @param proxyPort of the sidecar
     * @param ca of the workload, PEM: what its apps trust
     */
    DemoRequests(DemoSite site, int proxyPort, String ca, Consumer<DemoCheck> done) {
        this.site = site;
        this.client = new DemoClient(proxyPort, ca);
        this.upstreamOnly = new DemoClient(proxyPort, site.caPem());
        this.done = done;
    }

    /** All of them, one after the other. */
    void run() throws IOException, InterruptedException {
        allowed();
        refusedAtTheProxy();
        refusedInsideTls();
        failsClosed();
        followsChanges();
    }

    private void allowed() throws IOException {
        check(
                "GET https://" + DemoSite.API + "/ with a key of the app's own",
                "200, upstream saw only the Secret's key",
                () -> seen(get(DemoSite.API, OWN_KEY), "first"));
        check(
                "GET http://" + DemoSite.API + "/ in clear",
                "200, upstream saw only the Secret's key",
                () -> seen(client.plain("GET", "http://" + DemoSite.API + "/", DemoSite.API), "first"));
        check(
                "GET https://" + DemoSite.OTHER + "/ with a key of the app's own",
                "200, upstream saw the app's key",
                () -> {
                    Answer answer = get(DemoSite.OTHER, OWN_KEY);
                    return answer.body().strip().equals("made-up-by-the-app")
                            ? answer.status() + ", upstream saw the app's key"
                            : verdict(answer);
                });
        check("GET https://" + DemoSite.PINNED + "/ (Passthrough)", "200, the upstream's own certificate", () -> {
            // This client trusts the upstream's CA alone: a certificate of the sidecar's would end it.
            try (Tunnel tunnel = upstreamOnly.tunnel(DemoSite.PINNED, DemoSite.PINNED)) {
                return tunnel.request("GET", "/", DemoSite.PINNED).status() + ", the upstream's own certificate";
            }
        });
    }

    private void refusedAtTheProxy() throws IOException {
        check(
                "CONNECT denied.demo.example:443, which no entry names",
                "403 host_not_allowed",
                () -> verdict(client.connect("denied.demo.example", 443)));
        check(
                "CONNECT " + DemoSite.API + ":8443, which its entry does not list",
                "403 port_not_allowed",
                () -> verdict(client.connect(DemoSite.API, 8443)));
        check(
                "CONNECT bad.wild.demo.example:443, a Deny entry under *.wild.demo.example",
                "403 host_denied",
                () -> verdict(client.connect("bad.wild.demo.example", 443)));
        check(
                "CONNECT 127.0.0.1:443, an address",
                "403 host_not_allowed",
                () -> verdict(client.connect("127.0.0.1", 443)));
    }

    private void refusedInsideTls() throws IOException {
        check(
                "TLS to " + DemoSite.API + ", then Host: " + DemoSite.OTHER,
                "421 authority_mismatch",
                () -> verdict(request("GET", DemoSite.OTHER)));
        check(
                "TLS to " + DemoSite.API + ", then Host: denied.demo.example",
                "400 bad_authority",
                () -> verdict(request("GET", "denied.demo.example")));
        check("CONNECT " + DemoSite.API + ":443, then TLS for denied.demo.example", "closed", () -> {
            try (Tunnel tunnel = client.tunnel(DemoSite.API, "denied.demo.example")) {
                return verdict(tunnel.request("GET", "/", DemoSite.API));
            } catch (IOException closed) {
                return "closed";
            }
        });
        check(
                "TRACE https://" + DemoSite.API + "/, which would echo the key",
                "405 method_not_allowed",
                () -> verdict(request("TRACE", DemoSite.API)));
    }

    private void failsClosed() throws IOException {
        check(
                "GET https://" + DemoSite.UNTRUSTED + "/, whose certificate is from another CA",
                "503 upstream_untrusted",
                () -> verdict(get(DemoSite.UNTRUSTED)));
        check(
                "GET https://" + DemoSite.LOOPBACK + "/, allowed, on a loopback address",
                "503 address_not_public",
                () -> verdict(get(DemoSite.LOOPBACK)));
        check(
                "GET https://" + DemoSite.NO_SECRET + "/, whose Secret is missing",
                "500 credential_unavailable",
                () -> verdict(get(DemoSite.NO_SECRET)));
    }

    private void followsChanges() throws IOException {
        check("the same after the Secret was made", "200, upstream saw only the Secret's key", () -> {
            site.setKey("later", "second");
            return seen(repeat(() -> get(DemoSite.NO_SECRET), answer -> answer.status() == 200), "second");
        });
        check(
                "GET https://" + DemoSite.API + "/ on one connection while its Secret is replaced",
                "200, first the old key, then the new, nothing else",
                this::rotate);
        check(
                "GET https://" + DemoSite.OTHER + "/ on an open connection when its entry is removed",
                "403 host_not_allowed",
                () -> {
                    try (Tunnel tunnel = client.tunnel(DemoSite.OTHER, DemoSite.OTHER)) {
                        requireServed(tunnel.request("GET", "/", DemoSite.OTHER));
                        site.writePolicy(false);
                        return verdict(repeat(
                                () -> tunnel.request("GET", "/", DemoSite.OTHER), answer -> answer.status() != 200));
                    }
                });
    }

    private String rotate() throws IOException, InterruptedException {
        List<String> keys = new ArrayList<>();
        try (Tunnel tunnel = client.tunnel(DemoSite.API, DemoSite.API)) {
            Answer last = tunnel.request("GET", "/", DemoSite.API);
            keys.add(last.body().strip());
            site.setKey("api", "rotated");
            last = repeat(
                    () -> {
                        Answer answer = tunnel.request("GET", "/", DemoSite.API);
                        keys.add(answer.status() == 200 ? answer.body().strip() : verdict(answer));
                        return answer;
                    },
                    answer -> answer.body().strip().equals("rotated"));
            List<String> distinct = keys.stream().distinct().toList();
            return distinct.equals(List.of("first", "rotated"))
                    ? last.status() + ", first the old key, then the new, nothing else"
                    : String.join(", ", distinct);
        }
    }

    private Answer get(String host, String... headers) throws IOException {
        try (Tunnel tunnel = client.tunnel(host, host)) {
            return tunnel.connect().status() == 200 ? tunnel.request("GET", "/", host, headers) : tunnel.connect();
        } catch (SSLException e) {
            return Answer.CLOSED;
        }
    }

    private Answer request(String method, String hostHeader) throws IOException {
        try (Tunnel tunnel = client.tunnel(DemoSite.API, DemoSite.API)) {
            return tunnel.request(method, "/", hostHeader);
        }
    }

    private static void requireServed(Answer answer) {
        if (answer.status() != 200) {
            throw new IllegalStateException("not served: " + verdict(answer));
        }
    }

    private static String seen(Answer answer, String key) {
        return answer.body().strip().equals(key)
                ? answer.status() + ", upstream saw only the Secret's key"
                : verdict(answer);
    }

    private static String verdict(Answer answer) {
        return answer.status() == 0 ? "closed" : (answer.status() + " " + answer.reason()).strip();
    }

    private static Answer repeat(Attempt<Answer> attempt, Predicate<Answer> wanted)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        Answer answer = attempt.run();
        while (!wanted.test(answer) && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            answer = attempt.run();
        }
        return answer;
    }

    private void check(String request, String expected, Attempt<String> attempt) {
        done.accept(new DemoCheck(request, expected, actual(attempt)));
    }

    /** A demo that cannot even ask shows so in its line. */
    private static String actual(Attempt<String> attempt) {
        try {
            return attempt.run();
        } catch (IOException | RuntimeException e) {
            return e.getClass().getSimpleName() + ": " + e.getMessage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    private interface Attempt<T> {
        T run() throws IOException, InterruptedException;
    }
}
