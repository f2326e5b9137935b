package dev.sallyport.bootstrap;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * How to start one Envoy.
 *
 * @param binary the program
 * @param arguments what follows it on the command line
 * @param prefix a command that ends by executing what follows it, in the same process: {@code setpriv …}, {@code nsenter --net=…}; empty: none
 * @param accessLog takes each line of standard output; called on one thread
 * @param errors takes each line of standard error; called on another thread
 */
public record EnvoyLaunch(
        Path binary, List<String> arguments, List<String> prefix, Consumer<String> accessLog, Consumer<String> errors) {
    public EnvoyLaunch {
        arguments = List.copyOf(arguments);
        prefix = List.copyOf(prefix);
    }
}
