package dev.sallyport.cli;

import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.policy.Access;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** This machine's own network. The proxy environment is all that leads to the sidecar: what ignores it goes out as before. */
final class SharedRunNetwork implements RunNetwork {
    @Override
    public InetAddress controlPlane() {
        return InetAddress.getLoopbackAddress();
    }

    @Override
    public SidecarPorts ports() throws IOException {
        return FreePorts.draw();
    }

    @Override
    public List<String> sidecarPrefix() {
        return List.of();
    }

    @Override
    public SidecarFiles files(SidecarFiles files) {
        return files;
    }

    @Override
    public void admit(int controlPlanePort) {
        // Both are on loopback.
    }

    @Override
    public void guard(SidecarPorts sidecar) {
        // Nothing can be closed here without closing it for everybody on the machine.
    }

    @Override
    public void guardWithoutSidecar(Access access) {
        // As above.
    }

    @Override
    public String trust(Path directory) {
        return directory.toString();
    }

    @Override
    public List<String> command(List<String> command, Path trust) {
        return command;
    }

    @Override
    public void adapt(Map<String, String> environment) {
        // The command is this user's, in this user's environment.
    }

    @Override
    public void forward(String signal, ChildCommand command) {
        command.forward(signal);
    }

    @Override
    public void close() {
        // Nothing was made.
    }
}
