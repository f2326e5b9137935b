package dev.sallyport.reconcile;

import dev.sallyport.source.kubernetes.ApiAnswer;
import java.net.HttpURLConnection;

/** The API server could not be asked, or refused. The message is one line for people, and names verb, resource and namespace; it holds nothing of what was sent. */
final class ApiException extends Exception {
    private static final long serialVersionUID = 1;

    private final String line;

    ApiException(String verb, ObjectKey key, String reason, Throwable cause) {
        super(line(verb, key, reason), cause);
        this.line = line(verb, key, reason);
    }

    private ApiException(String line) {
        super(line);
        this.line = line;
    }

    /** Whether there was no answer at all. */
    boolean isUnanswered() {
        return getCause() != null;
    }

    /** The message. */
    String line() {
        return line;
    }

    /** For an answer that is no success. */
    static ApiException refused(String verb, ObjectKey key, ApiAnswer answer) {
        return new ApiException(line(verb, key, advice(answer) + answer.status() + reason(key, answer)));
    }

    /** Whoever has a say in the admission of a Secret may quote it. */
    private static String reason(ObjectKey key, ApiAnswer answer) {
        return key.kind() == ObjectKey.Kind.Secret ? "" : " " + answer.message();
    }

    private static String line(String verb, ObjectKey key, String reason) {
        return "cannot " + verb + " " + key.kind().resource() + " in namespace " + key.namespace() + " (" + key.name()
                + "): " + reason;
    }

    private static String advice(ApiAnswer answer) {
        return switch (answer.status()) {
            case HttpURLConnection.HTTP_FORBIDDEN ->
                "not allowed (apply manifests/system/rbac.yaml, unless the namespace is being deleted): ";
            case HttpURLConnection.HTTP_CONFLICT -> "another writer was there (it is tried again): ";
            default -> "";
        };
    }
}
