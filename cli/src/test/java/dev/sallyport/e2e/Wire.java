package dev.sallyport.e2e;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Every packet that comes out of an isolated network, seen from the machine's end, where no rule of the network can hide it. */
final class Wire implements AutoCloseable {
    private final IsolatedShell shell;
    private final Process watcher;
    private final List<String> packets = new CopyOnWriteArrayList<>();
    private int marks;

    private Wire(IsolatedShell shell, Process watcher) {
        this.shell = shell;
        this.watcher = watcher;
        Thread reader = new Thread(this::read, "wire");
        reader.setDaemon(true);
        reader.start();
    }

    static Wire of(IsolatedShell shell) throws IOException {
        Process watcher = new ProcessBuilder("python3", IsolatedShell.PACKETS.toString(), "watch", shell.link())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Wire wire = new Wire(shell, watcher);
        eventually(() -> assertThat(wire.packets).contains("watching"));
        return wire;
    }

    /** What came out while something was done, a line of protocol and destination for each packet. Packets keep their order, so that one that may leave shows that all before it were seen. */
    List<String> during(Runnable action) {
        int start = packets.size();
        action.run();
        String mark = "mark-" + ++marks + ".example";
        shell.asRoot("mark", Internet.RESOLVER, mark);
        eventually(() -> assertThat(packets).anyMatch(packet -> packet.endsWith(mark)));
        return packets.subList(start, packets.size()).stream()
                .filter(packet -> !packet.endsWith(mark))
                .toList();
    }

    /** The same, of packets to one of these addresses. */
    List<String> during(Runnable action, List<String> addresses) {
        return during(action).stream()
                .filter(packet -> addresses.stream().anyMatch(address -> isTo(packet, address)))
                .toList();
    }

    @Override
    public void close() {
        watcher.destroyForcibly();
    }

    private static boolean isTo(String packet, String address) {
        String[] words = packet.split(" ", -1);
        return words.length > 1 && (words[1].equals(address) || words[1].startsWith(address + ":"));
    }

    private void read() {
        try (BufferedReader reader = watcher.inputReader(StandardCharsets.US_ASCII)) {
            reader.lines().forEach(packets::add);
        } catch (IOException | UncheckedIOException ended) {
            packets.add("ended");
        }
    }
}
