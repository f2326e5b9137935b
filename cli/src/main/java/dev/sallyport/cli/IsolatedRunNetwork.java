package dev.sallyport.cli;

import dev.sallyport.bootstrap.PacketRules;
import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.cli.machine.IsolatedCommand;
import dev.sallyport.cli.machine.IsolatedNetwork;
import dev.sallyport.cli.machine.IsolatedProcesses;
import dev.sallyport.cli.machine.Resolvers;
import dev.sallyport.cli.machine.RunDirectory;
import dev.sallyport.policy.Access;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A network that the command shares with its sidecar alone, under the packet rules of a Pod. */
final class IsolatedRunNetwork implements RunNetwork {
    private final RunDirectory run;
    private final Isolation isolation;
    private final Resolvers resolvers;
    private final IsolatedNetwork network;
    private final IsolatedProcesses processes;
    private @Nullable SidecarFileCopies copies;

    /** Makes the network, with everything in it still open. */
    IsolatedRunNetwork(RunDirectory run, Isolation isolation) throws IOException {
        this.run = run;
        this.isolation = isolation;
        this.resolvers = isolation.resolvers();
        this.network = IsolatedNetwork.create(run, resolvers);
        this.processes = new IsolatedProcesses(run, network, resolvers);
    }

    @Override
    public InetAddress controlPlane() throws IOException {
        return network.hostAddress();
    }

    /** Those of a Pod: nobody else is in here. */
    @Override
    public SidecarPorts ports() throws IOException {
        SidecarPorts pod = SidecarPorts.DEFAULT;
        return new SidecarPorts(
                pod.proxy(), pod.capture(), network.address().getHostAddress(), pod.ready(), IsolatedNetwork.hasIpv6());
    }

    @Override
    public List<String> sidecarPrefix() {
        return processes.sidecar();
    }

    /** The sidecar is another user, who cannot enter the state directory. */
    @Override
    public SidecarFiles files(SidecarFiles files) throws IOException {
        SidecarFileCopies made = new SidecarFileCopies(files, run.path().resolve("sidecar"), processes.sidecarUid());
        copies = made;
        made.start();
        return made.copies();
    }

    @Override
    public void admit(int controlPlanePort) throws IOException {
        network.admit(controlPlanePort);
    }

    @Override
    public void guard(SidecarPorts sidecar) throws IOException {
        guard(PacketRules.captured(processes.sidecarUid(), sidecar.capture(), resolvers.addresses()));
        network.refuseIpv6(processes.sidecarUid());
    }

    @Override
    public void guardWithoutSidecar(Access access) throws IOException {
        guard(
                access == Access.Unrestricted
                        ? PacketRules.allButLinkLocal(resolvers.addresses())
                        : PacketRules.nothing());
        network.refuseIpv6(isolation.user().uid());
    }

    private void guard(PacketRules rules) throws IOException {
        network.guard(rules.ipv4(), rules.ipv6());
    }

    @Override
    public String trust(Path directory) {
        return IsolatedCommand.TRUST;
    }

    @Override
    public List<String> command(List<String> command, Path trust) throws IOException {
        return processes.command(new IsolatedCommand(
                isolation.user(), isolation.directory(), trust, isolation.hidden(), isolation.shown(), command));
    }

    @Override
    public void adapt(Map<String, String> environment) {
        environment.put("HOME", isolation.user().home());
        environment.put("USER", isolation.user().name());
        environment.put("LOGNAME", isolation.user().name());
        environment.put("SHELL", isolation.user().shell());
        // Of the user who called; it does not exist in there.
        environment.remove("XDG_RUNTIME_DIR");
    }

    /** The command is the child of process 1 of its namespace, which is the child of the process that was started. */
    @Override
    public void forward(String signal, ChildCommand command) {
        if (signal.equals("INT") && ChildCommand.isForeground()) {
            return;
        }
        command.handle()
                .children()
                .flatMap(ProcessHandle::children)
                .forEach(process -> ChildCommand.send(signal, process.pid()));
    }

    @Override
    public void close() {
        if (copies != null) {
            copies.close();
        }
        network.close();
    }
}
