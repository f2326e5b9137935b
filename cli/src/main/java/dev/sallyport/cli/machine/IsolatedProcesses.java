package dev.sallyport.cli.machine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Objects;

/** The two kinds of process in an isolated network, and the command lines that start them with no more rights than they need. */
public final class IsolatedProcesses {
    /** Sidecars are users from here, far above what systems give to people, services and containers, */
    public static final int FIRST_SIDECAR_UID = 1_900_000_000;

    /** to here. */
    public static final int LAST_SIDECAR_UID = 1_999_999_999;

    private static final SecureRandom RANDOM = new SecureRandom();

    private final RunDirectory run;
    private final IsolatedNetwork network;
    private final int sidecarUid;

    public IsolatedProcesses(RunDirectory run, IsolatedNetwork network, Resolvers resolvers) throws IOException {
        this.run = run;
        this.network = network;
        this.sidecarUid = RANDOM.nextInt(FIRST_SIDECAR_UID, LAST_SIDECAR_UID);
        Files.writeString(resolvConf(), resolvers.text());
        writeScript("sidecar.sh");
        writeScript("command.sh");
    }

    /** The user of this run's sidecar, unlike that of any other: the packet rules let out what it sends. */
    public int sidecarUid() {
        return sidecarUid;
    }

    /** A command that executes the program that follows it as the sidecar. Its first argument, the program's path, need not be in the sidecar's reach. */
    public List<String> sidecar() {
        return Commands.join(List.of(
                network.enter(),
                List.of("unshare", "--mount", "--propagation", "private", "sh", script("sidecar.sh")),
                List.of(run.path().toString(), Integer.toString(sidecarUid))));
    }

    /** A command that executes the untrusted one. Ends with its exit code, or 125 when it could not be isolated. */
    public List<String> command(IsolatedCommand command) {
        return Commands.join(List.of(
                // The first two make everything end with this process, even when it is killed.
                List.of("setpriv", "--pdeathsig", "KILL"),
                network.enter(),
                List.of("unshare", "--mount", "--propagation", "private", "--ipc", "--pid", "--fork", "--kill-child"),
                List.of("sh", script("command.sh"), run.path().toString()),
                command.arguments()));
    }

    private Path resolvConf() {
        return run.path().resolve("resolv.conf");
    }

    /** Where the shell finds it: an argument would fill every list of processes. */
    private String script(String name) {
        return run.path().resolve(name).toString();
    }

    private void writeScript(String name) throws IOException {
        try (InputStream script = IsolatedProcesses.class.getResourceAsStream(name)) {
            Files.copy(Objects.requireNonNull(script), run.path().resolve(name));
        }
    }
}
