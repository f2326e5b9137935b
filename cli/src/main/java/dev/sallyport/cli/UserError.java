package dev.sallyport.cli;

/** Something that the person at the terminal can put right. The message is one line, or one for each problem: what was found, and what to do. It is all that is printed. */
final class UserError extends RuntimeException {
    private final String text;
    private final int exitCode;

    UserError(String message) {
        this(ExitCode.FAILED, message);
    }

    UserError(int exitCode, String message) {
        super(message);
        this.text = message;
        this.exitCode = exitCode;
    }

    /** The message, without a line break at its end. */
    String text() {
        return text;
    }

    int exitCode() {
        return exitCode;
    }
}
