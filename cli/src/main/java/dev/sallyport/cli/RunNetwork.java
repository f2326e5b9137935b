package dev.sallyport.cli;

import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.cli.machine.RunDirectory;
import dev.sallyport.policy.Access;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The network in which a command and its sidecar run: this machine's, or one of their own. */
interface RunNetwork extends AutoCloseable {
    /** The network that was asked for. */
    static RunNetwork of(Optional<Isolation> isolation, RunDirectory directory) throws IOException {
        return isolation.isPresent() ? new IsolatedRunNetwork(directory, isolation.get()) : new SharedRunNetwork();
    }

    /** Where the control plane listens so that the sidecar reaches it. */
    InetAddress controlPlane() throws IOException;

    /** Ports for the sidecar, others with each call where others may take them. */
    SidecarPorts ports() throws IOException;

    /** A command that executes the sidecar's program in this network; empty: none is needed. */
    List<String> sidecarPrefix();

    /** The same files where the sidecar can read them, kept up to date. */
    SidecarFiles files(SidecarFiles files) throws IOException;

    /** Lets the sidecar reach that port of the control plane. */
    void admit(int controlPlanePort) throws IOException;

    /** Closes every way out but the sidecar's; before the command is started. */
    void guard(SidecarPorts sidecar) throws IOException;

    /** Closes what this access closes where there is no sidecar: everything, unless it is Unrestricted. Before the command is started, and again with another access while it runs. */
    void guardWithoutSidecar(Access access) throws IOException;

    /** Where the command sees the trust directory. */
    String trust(Path directory);

    /** The command line that runs the command in this network. */
    List<String> command(List<String> command, Path trust) throws IOException;

    /** Changes what the environment must say otherwise in here. */
    void adapt(Map<String, String> environment);

    /** Passes a signal on to the command, started with {@link #command}. */
    void forward(String signal, ChildCommand command);

    @Override
    void close() throws IOException;
}
