package dev.sallyport.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The image as a container engine unpacks it, and its programs run as one would: in a root of their own that is read-only but for {@code /tmp}, as the user that the image names, with nothing of this machine's environment.
 */
record UnpackedImage(Path root, JsonNode manifest, JsonNode config) {
    private static final String AS_A_CONTAINER = """
            mount --bind "$1" "$1" && mount -t proc proc "$1/proc" && mount -t tmpfs tmpfs "$1/tmp" && mount --rbind /dev "$1/dev" && mount -o remount,ro,bind "$1" || exit 125
            root=$1 directory=$2 user=$3
            shift 3
            exec unshare --root="$root" --wd="$directory" --setgid="${user#*:}" --setuid="${user%:*}" "$@"
            """;

    /** What a program left. */
    record Result(int code, String output) {}

    static UnpackedImage of(Path archive, Path directory) throws IOException, InterruptedException {
        Path parts = Files.createDirectory(directory.resolve("archive"));
        Path root = Files.createDirectory(directory.resolve("root"));
        Tool.run(directory, List.of("tar", "-xf", archive.toString(), "-C", parts.toString()));
        JsonNode manifest = json(parts.resolve("manifest.json")).get(0);
        for (JsonNode layer : manifest.get("Layers")) {
            Tool.run(
                    root,
                    List.of(
                            "tar",
                            "--warning=no-unknown-keyword",
                            "-xpf",
                            parts.resolve(layer.asText()).toString()));
        }
        // Engines make these.
        Files.createDirectory(root.resolve("proc"));
        Files.createDirectory(root.resolve("dev"));
        return new UnpackedImage(
                root, manifest, json(parts.resolve(manifest.get("Config").asText())));
    }

    /** Starts the image's entry point with these arguments and further options for Java. */
    Process start(String javaOptions, String... arguments) throws IOException {
        return start(List.of(), javaOptions, arguments);
    }

    private Process start(List<String> prefix, String javaOptions, String... arguments) throws IOException {
        JsonNode settings = config.get("config");
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                "unshare",
                "--mount",
                "--propagation=private",
                "sh",
                "-c",
                AS_A_CONTAINER,
                "sh",
                root.toString(),
                settings.get("WorkingDir").asText(),
                settings.get("User").asText()));
        settings.get("Entrypoint").forEach(word -> command.add(word.asText()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> !name.equals("PATH"));
        settings.get("Env").forEach(variable -> {
            String[] pair = variable.asText().split("=", 2);
            builder.environment().merge(pair[0], pair[1], (ours, theirs) -> ours);
        });
        builder.environment().put("SALLYPORT_JAVA_OPTS", javaOptions);
        return builder.start();
    }

    Result run(String javaOptions, String... arguments) throws IOException, InterruptedException {
        return run(List.of(), javaOptions, arguments);
    }

    /** The same, by a command of this machine. */
    Result run(List<String> prefix, String javaOptions, String... arguments) throws IOException, InterruptedException {
        Process process = start(prefix, javaOptions, arguments);
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), output);
    }

    private static JsonNode json(Path file) throws IOException {
        JsonNode tree = new ObjectMapper().readTree(file.toFile());
        assertThat(tree).as(file.toString()).isNotNull();
        return tree;
    }
}
