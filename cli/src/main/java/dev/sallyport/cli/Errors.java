package dev.sallyport.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** What people see when something goes wrong: lines, never a stack trace. With {@code SALLYPORT_DEBUG} set, both. */
final class Errors implements IParameterExceptionHandler, IExecutionExceptionHandler {
    @Override
    public int handleParseException(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("sallyport: " + e.getMessage());
        UnmatchedArgumentException.printSuggestions(e, err);
        err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        return ExitCode.USAGE;
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
        return report(e, System.err);
    }

    /** Prints what went wrong and returns the exit code for it. */
    static int report(Throwable e, PrintStream err) {
        if (DebugOutput.isOn()) {
            e.printStackTrace(err);
        }
        if (e instanceof UserError user) {
            user.text().lines().forEach(line -> err.println("sallyport: " + line));
            return user.exitCode();
        }
        if (e instanceof IOException io) {
            err.println("sallyport: " + describe(io));
            return ExitCode.FAILED;
        }
        err.println("sallyport: internal error: " + e.getClass().getSimpleName() + ": " + e.getMessage());
        err.println(
                "sallyport: this is a bug. Please report it with what you did and the output of the same command with SALLYPORT_DEBUG=1 (CONTRIBUTING.md says where)");
        return ExitCode.FAILED;
    }

    /** The JDK's own messages are often the bare path. */
    static String describe(IOException e) {
        if (e instanceof NoSuchFileException missing) {
            return missing.getFile() + ": no such file or directory";
        }
        if (e instanceof AccessDeniedException denied) {
            return denied.getFile() + ": permission denied";
        }
        if (e instanceof FileSystemException file && file.getReason() == null) {
            return file.getFile() + ": " + e.getClass().getSimpleName();
        }
        return String.valueOf(e.getMessage());
    }
}
