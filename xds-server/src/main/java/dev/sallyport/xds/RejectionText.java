package dev.sallyport.xds;

import dev.sallyport.snapshot.ResourceType;
import java.util.regex.Pattern;

/** Why a sidecar rejected a response, fit to be shown. */
final class RejectionText {
    private static final String WITHHELD = "the sidecar's reason is withheld, because it may quote the secret";

    /** What Envoy says of certificates and keys without quoting them. Its validation errors print the whole message instead, values and all. */
    private static final Pattern SAFE_FOR_SECRETS =
            Pattern.compile("(Failed to load (certificate chain|private key|trusted CA certificates) from <inline>"
                    + "|Failed to load incomplete private key"
                    + "|Invalid path"
                    + "|Unexpected SDS secret)[ -~]{0,200}");

    static String of(ResourceType type, String error) {
        if (type != ResourceType.SECRET) {
            return error.isEmpty() ? "the sidecar gave no reason" : error;
        }
        return SAFE_FOR_SECRETS.matcher(error).matches() ? error : WITHHELD;
    }

    private RejectionText() {}
}
