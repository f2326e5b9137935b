package dev.sallyport.bootstrap;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * How Envoy is started. Immutable.
 *
 * @param bootstrap the arguments that lead to the bootstrap
 * @param concurrency worker threads
 * @param accessLogDelay how long a line of the access log may wait for others
 * @param rejectsUnknownFields whether a resource with a field that Envoy does not know is rejected; otherwise it is used without that field
 */
public record EnvoyArguments(
        List<String> bootstrap, int concurrency, Duration accessLogDelay, boolean rejectsUnknownFields) {
    public EnvoyArguments {
        bootstrap = List.copyOf(bootstrap);
    }

    /** With the bootstrap in a file. */
    public static EnvoyArguments of(Path bootstrap) {
        return start("-c", bootstrap.toString());
    }

    /** With the bootstrap as an argument. */
    public static EnvoyArguments of(String bootstrapYaml) {
        return start("--config-yaml", bootstrapYaml);
    }

    public EnvoyArguments withConcurrency(int workers) {
        return new EnvoyArguments(bootstrap, workers, accessLogDelay, rejectsUnknownFields);
    }

    public EnvoyArguments withAccessLogDelay(Duration delay) {
        return new EnvoyArguments(bootstrap, concurrency, delay, rejectsUnknownFields);
    }

    public EnvoyArguments rejectingUnknownFields() {
        return new EnvoyArguments(bootstrap, concurrency, accessLogDelay, true);
    }

    /** The arguments after the program's name. */
    public List<String> toList() {
        Stream<String> always = Stream.of(
                "--concurrency",
                String.valueOf(concurrency),
                "--disable-hot-restart",
                // What a removed host's connections have left; the default is ten minutes.
                "--drain-time-s",
                "15",
                "--drain-strategy",
                "immediate",
                "--file-flush-interval-msec",
                String.valueOf(accessLogDelay.toMillis()),
                // Never debug or trace: they print injected credentials and private keys.
                "--log-level",
                "warning",
                // Or it warns about every address range of the guard.
                "--component-log-level",
                "misc:error");
        Stream<String> strict = rejectsUnknownFields ? Stream.of("--reject-unknown-dynamic-fields") : Stream.empty();
        return Stream.of(bootstrap.stream(), always, strict)
                .flatMap(arguments -> arguments)
                .toList();
    }

    private static EnvoyArguments start(String... bootstrap) {
        return new EnvoyArguments(List.of(bootstrap), 1, Duration.ofSeconds(1), false);
    }
}
