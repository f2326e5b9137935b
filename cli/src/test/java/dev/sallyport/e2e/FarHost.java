package dev.sallyport.e2e;

import static dev.sallyport.e2e.Shell.here;
import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server that this machine must forward to: it is behind a pair of interfaces, knows the way to this machine's addresses alone, and hands the bytes that it gets to the server of {@link Internet}. */
final class FarHost implements AutoCloseable {
    /** The server's addresses, and this machine's on the way to it. */
    static final String IPV4 = "192.0.2.10";

    static final String IPV6 = "2001:db8:6::10";
    static final String THIS_IPV4 = "192.0.2.1";
    static final String THIS_IPV6 = "2001:db8:6::1";
    private static final Path RELAY = Path.of("src", "test", "isolation", "relay.py");

    private final Process process;
    private final List<String> lines = new CopyOnWriteArrayList<>();

    private FarHost(Process process) {
        this.process = process;
        Thread reader = new Thread(this::read, "far-host");
        reader.setDaemon(true);
        reader.start();
    }

    /** Starts it. This machine has an IPv6 route from now on: to there. */
    static FarHost start() throws IOException {
        FarHost host = new FarHost(new ProcessBuilder("unshare", "--net", "python3", RELAY.toString(), Internet.ADDRESS)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
        eventually(() -> assertThat(host.lines).contains("listening"));
        String pid = Long.toString(host.process.pid());
        here("ip", "link", "add", "far0", "type", "veth", "peer", "name", "eth0", "netns", pid);
        here("ip", "address", "add", THIS_IPV4 + "/24", "dev", "far0");
        here("ip", "address", "add", THIS_IPV6 + "/64", "dev", "far0", "nodad");
        here("ip", "link", "set", "far0", "up");
        host.inside("ip", "address", "add", IPV4 + "/24", "dev", "eth0");
        host.inside("ip", "address", "add", IPV6 + "/64", "dev", "eth0", "nodad");
        host.inside("ip", "link", "set", "eth0", "up");
        host.inside("ip", "route", "add", Internet.ADDRESS, "via", THIS_IPV4);
        here("ip", "-6", "route", "add", "default", "via", IPV6, "dev", "far0");
        return host;
    }

    /** Whom connections came from, in order. */
    List<String> callers() {
        return lines.stream()
                .filter(line -> line.startsWith("from "))
                .map(line -> line.substring("from ".length()))
                .toList();
    }

    @Override
    public void close() {
        here("ip", "link", "delete", "far0");
        process.destroyForcibly();
    }

    private void inside(String... command) {
        List<String> line = new ArrayList<>(List.of("nsenter", "--net=/proc/" + process.pid() + "/ns/net"));
        line.addAll(List.of(command));
        here(line, "");
    }

    private void read() {
        try (BufferedReader reader = process.inputReader(StandardCharsets.US_ASCII)) {
            reader.lines().forEach(lines::add);
        } catch (IOException | UncheckedIOException ended) {
            lines.add("ended");
        }
    }
}
