package dev.sallyport.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.function.Consumer;

/**
 * Signals that are sent to this process. Nothing but {@code sun.misc.Signal} tells SIGINT and SIGTERM apart; it is in every JDK, and called by reflection because the compiler warns of it without a way to say that this is meant. SIGQUIT
 * cannot be had, with -Xrs neither: the JVM answers it with a list of its threads.
 */
final class Signals {
    /** What ends or steers a program. */
    private static final List<String> FORWARDED = List.of("HUP", "INT", "TERM", "USR1");

    /** From now on each of these signals calls {@code handler} with its name ({@code TERM}), on a thread of its own, and has no other effect. */
    static void handle(Consumer<String> handler) {
        FORWARDED.forEach(name -> handle(name, () -> handler.accept(name)));
    }

    /** From now on SIGINT and SIGTERM call {@code handler}, and have no other effect. */
    static void onEnd(Runnable handler) {
        handle("INT", handler);
        handle("TERM", handler);
    }

    private static void handle(String name, Runnable handler) {
        InvocationHandler invocation = (proxy, method, arguments) -> {
            handler.run();
            return null;
        };
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> signalHandler = Class.forName("sun.misc.SignalHandler");
            Object proxy =
                    Proxy.newProxyInstance(signalHandler.getClassLoader(), new Class<?>[] {signalHandler}, invocation);
            signal.getMethod("handle", signal, signalHandler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this Java cannot handle signals", e);
        }
    }

    private Signals() {}
}
