package dev.sallyport.policy;

/**
 * Something wrong, or doubtful, in a document. The message has the value found and what was expected, and never a secret.
 *
 * @param file the file as it was named, or a description of the origin
 * @param line from 1; of the value that is wrong
 * @param object {@code KIND NAMESPACE/NAME}, as far as it is known
 * @param path {@code spec.hosts[0].ports[1]}; empty: the whole document
 * @param message one line
 */
public record PolicyProblem(Severity severity, String file, int line, String object, String path, String message) {
    /** Errors keep a document from being accepted; warnings do not. */
    public enum Severity {
        ERROR,
        WARNING
    }

    /** {@code FILE:LINE: OBJECT PATH: message}, the form that {@code check} prints. */
    @Override
    public String toString() {
        String place = path.isEmpty() ? object : object + " " + path;
        return file + ":" + line + ": " + place + ": " + message;
    }
}
