package dev.sallyport.cli;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A Unix socket, mode 0600, that answers every connection with one text and closes it. */
final class StatusSocket implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StatusSocket.class);
    /** The kernel's limit for the path of a socket, with its terminating zero. */
    private static final int LONGEST_PATH = 107;

    private final Path path;
    private final Supplier<String> text;
    private @Nullable ServerSocketChannel server;

    StatusSocket(Path path, Supplier<String> text) {
        this.path = path;
        this.text = text;
    }

    /** Begins to answer. A path that is too long for a socket is a warning: everything else works without it. */
    void start() throws IOException {
        if (path.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_PATH) {
            LOG.warn(
                    "no status: {} is too long for a socket (expected: at most {} bytes); use a shorter --state",
                    path,
                    LONGEST_PATH);
            return;
        }
        Files.deleteIfExists(path); // of a process that was killed: the state directory is ours
        ServerSocketChannel opened = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        opened.bind(UnixDomainSocketAddress.of(path));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        server = opened;
        Thread thread = new Thread(() -> serve(opened), "status");
        thread.setDaemon(true);
        thread.start();
    }

    /** Asks the process that holds this state directory. */
    static String read(Path socket) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() throws IOException {
        if (server != null) {
            server.close();
            Files.deleteIfExists(path);
        }
    }

    private void serve(ServerSocketChannel opened) {
        while (opened.isOpen()) {
            try (SocketChannel connection = opened.accept()) {
                ByteBuffer bytes = ByteBuffer.wrap(text.get().getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    int written = connection.write(bytes);
                    LOG.trace("{} bytes of status", written);
                }
            } catch (ClosedChannelException closed) {
                LOG.trace("status socket closed");
            } catch (IOException | RuntimeException e) {
                LOG.debug("a reader of the status went away: {}", e.toString());
            }
        }
    }
}
