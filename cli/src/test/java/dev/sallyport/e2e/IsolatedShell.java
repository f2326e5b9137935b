package dev.sallyport.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A hostile shell under {@code ./sallyport run --isolate}, and hands from outside that take one guard away: they are root on the machine, and enter the network of the shell, change its packet rules, or read its processes. The product
 * has no switch for any of it.
 */
final class IsolatedShell implements AutoCloseable {
    /** What tries the ways out. */
    static final Path PACKETS =
            Path.of("src", "test", "isolation", "packets.py").toAbsolutePath();

    private static final int FIRST_SIDECAR_UID = 1_900_000_000;
    private static final String POLICY = """
            apiVersion: sallyport.dev/v1alpha1
            kind: EgressPolicy
            metadata: {name: p, namespace: agents}
            spec:
              hosts:
              - host: api.example.com
                credentials: [{header: x-api-key, valueFrom: {secretKeyRef: {name: api, key: token}}}]
              - {host: far4.example.com}
              - {host: far6.example.com}
            """;

    private final Path files;
    private final Path work;
    private final RunShell shell;

    private IsolatedShell(Path files, Path work, RunShell shell) {
        this.files = files;
        this.work = work;
        this.shell = shell;
    }

    /** Starts one, with the Secret in a directory that everybody may read: only the isolation keeps it from the shell. */
    static IsolatedShell start(String... options) throws IOException {
        Path files = directory("sallyport-files-");
        Path work = directory("sallyport-work-");
        Files.copy(PACKETS, work.resolve("packets.py"));
        Files.writeString(Files.createDirectories(files.resolve("secrets/api")).resolve("token"), Machine.KEY);
        List<String> arguments = new ArrayList<>(List.of(
                "--isolate",
                "--user",
                "nobody",
                "--policy",
                Files.writeString(files.resolve("policy.yaml"), POLICY).toString(),
                "--secrets",
                files.resolve("secrets").toString(),
                "--state",
                files.resolve("state").toString(),
                "--show",
                files.toString(),
                "--public-roots",
                Files.writeString(files.resolve("roots.pem"), Internet.get().publicRoots())
                        .toString(),
                "--access-log",
                files.resolve("access.jsonl").toString()));
        arguments.addAll(Arrays.asList(options));
        IsolatedShell shell = new IsolatedShell(files, work, RunShell.start(work, files.resolve("stderr"), arguments));
        // It answers when everything is in place.
        shell.run("true");
        return shell;
    }

    /** Where policy, secrets, state and logs are. */
    Path files() {
        return files;
    }

    /** Where the shell is. */
    Path work() {
        return work;
    }

    /** Runs a script as the isolated command would, and returns what it printed, errors too. */
    String run(String script) {
        try {
            Files.writeString(work.resolve("script"), script);
            return shell.run("bash script").text();
        } catch (IOException e) {
            throw new AssertionError("the shell cannot be talked to", e);
        }
    }

    /** Runs packets.py as the isolated command would. */
    String attack(String... arguments) {
        return run("python3 packets.py " + String.join(" ", arguments));
    }

    /** Runs packets.py in the shell's network as root with every capability. */
    String asRoot(String... arguments) {
        return Shell.here(
                inNetwork(Stream.concat(Stream.of("python3", PACKETS.toString()), Arrays.stream(arguments))
                        .toArray(String[]::new)),
                "");
    }

    /** A command line that is executed in the shell's network, with the machine's files and all rights. */
    List<String> inNetwork(String... command) {
        List<String> line = new ArrayList<>(List.of("nsenter", "--net=/proc/" + sidecar() + "/ns/net"));
        line.addAll(Arrays.asList(command));
        return line;
    }

    /** Runs something without any packet rule in the shell's network. */
    void withoutRules(Runnable action) {
        changingRules(
                List.of(
                        "iptables -F OUTPUT",
                        "iptables -t nat -F OUTPUT",
                        "ip6tables -F OUTPUT",
                        "ip6tables -t nat -F OUTPUT"),
                action);
    }

    /** Runs something with packet rules changed by these commands, and puts them back. */
    void changingRules(List<String> commands, Runnable action) {
        String rules4 = Shell.here(inNetwork("iptables-save"), "");
        String rules6 = Shell.here(inNetwork("ip6tables-save"), "");
        try {
            commands.forEach(command -> Shell.here(inNetwork(command.split(" ", -1)), ""));
            action.run();
        } finally {
            Shell.here(inNetwork("iptables-restore"), rules4);
            Shell.here(inNetwork("ip6tables-restore"), rules6);
        }
    }

    /** The machine's end of the shell's way out. */
    String link() {
        return "sp-" + run("printf %s $SALLYPORT_RUN").strip();
    }

    /** The process ID of the sidecar, as the machine sees it. */
    long sidecar() {
        return shell.descendants()
                .map(ProcessHandle::pid)
                .filter(pid -> uid(pid) >= FIRST_SIDECAR_UID)
                .findFirst()
                .orElseThrow();
    }

    /** The UID of the sidecar. */
    int sidecarUid() {
        return uid(sidecar());
    }

    /** The process ID of the control plane, which is the launcher. */
    long controlPlane() {
        return shell.pid();
    }

    /** The lines of the access log so far. */
    List<AccessLogLine> log() {
        try {
            return Files.readAllLines(files.resolve("access.jsonl")).stream()
                    .map(AccessLogLine::parse)
                    .toList();
        } catch (IOException e) {
            throw new AssertionError("the access log cannot be read", e);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            shell.end();
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while the shell ended", e);
        }
        for (Path directory : List.of(files, work)) {
            try (Stream<Path> found = Files.walk(directory)) {
                for (Path file : found.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /** -1: it is gone. */
    private static int uid(long pid) {
        try {
            return (int)
                    Files.getAttribute(Path.of("/proc", Long.toString(pid)), "unix:uid", LinkOption.NOFOLLOW_LINKS);
        } catch (IOException gone) {
            return -1;
        }
    }

    private static Path directory(String prefix) throws IOException {
        return Files.createTempDirectory(
                prefix, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    }
}
