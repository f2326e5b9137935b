package dev.sallyport.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The command that {@code run} runs: with this process's terminal, signals and fate. */
final class ChildCommand {
    private static final Pattern NO_SUCH_FILE = Pattern.compile("error(?:=|: )2\\b");
    private static final Pattern NO_PERMISSION = Pattern.compile("error(?:=|: )13\\b");

    private final Process process;

    private ChildCommand(Process process) {
        this.process = process;
    }

    /**
     * Starts it.
     *
     * @param command with its arguments
     * @param environment all of it
     * @throws UserError with exit code 126 or 127 when it cannot be executed
     */
    static ChildCommand start(List<String> command, Map<String, String> environment) {
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        builder.environment().clear();
        builder.environment().putAll(environment);
        try {
            return new ChildCommand(builder.start());
        } catch (IOException e) {
            throw cannotRun(command.get(0), String.valueOf(e.getMessage()));
        }
    }

    /** Waits for its end. 128 and the signal's number when a signal ended it. */
    int waitFor() throws InterruptedException {
        return process.waitFor();
    }

    /** Passes a signal on. The terminal sends its own to the command as well, so that SIGINT must not arrive twice. */
    void forward(String signal) {
        if (process.isAlive() && !(signal.equals("INT") && isForeground())) {
            send(signal, process.pid());
        }
    }

    /** The process, as the machine sees it. */
    ProcessHandle handle() {
        return process.toHandle();
    }

    static void send(String signal, long pid) {
        try {
            Process kill = new ProcessBuilder("kill", "-s", signal, Long.toString(pid))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            kill.waitFor();
        } catch (IOException e) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether this process is in the group that its terminal sends signals to. */
    static boolean isForeground() {
        try {
            String stat = Files.readString(Path.of("/proc/self/stat"));
            // pid (name) state ppid pgrp session tty_nr tpgid: the name may hold anything
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return fields[2].equals(fields[5]);
        } catch (IOException e) {
            return false;
        }
    }

    /** The number is nowhere but in the text: {@code error=2,} up to Java 24, {@code error: 2 } from then on. */
    static UserError cannotRun(String program, String message) {
        boolean isMissing = NO_SUCH_FILE.matcher(message).find();
        if (isMissing && !message.contains("in directory")) {
            return new UserError(ExitCode.NOT_FOUND, program + ": command not found");
        }
        if (NO_PERMISSION.matcher(message).find()) {
            return new UserError(ExitCode.CANNOT_EXECUTE, program + ": permission denied");
        }
        return new UserError(ExitCode.CANNOT_EXECUTE, program + ": cannot be executed: " + message);
    }
}
