package dev.sallyport.cli;

/** What the commands exit with, a part of their contract. {@code run} passes the code of its command through, and keeps 125 to 127 for itself as {@code env} and {@code timeout} do. */
final class ExitCode {
    static final int OK = 0;
    /** The question was answered with no: a policy with errors, a URL that is denied, a verdict that was not expected. */
    static final int NO = 1;
    /** The command line itself is wrong. */
    static final int USAGE = 2;
    /** Sallyport failed, not the command that it runs. */
    static final int FAILED = 125;
    /** {@code run}: the command exists and cannot be executed. */
    static final int CANNOT_EXECUTE = 126;
    /** {@code run}: there is no such command. */
    static final int NOT_FOUND = 127;

    private ExitCode() {}
}
