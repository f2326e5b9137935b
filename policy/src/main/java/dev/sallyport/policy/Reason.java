package dev.sallyport.policy;

import java.util.Locale;

/** Why something was refused: the reason codes of verdicts, logs, {@code explain} and status. */
public enum Reason {
    HOST_NOT_ALLOWED,
    PORT_NOT_ALLOWED,
    HOST_DENIED,
    METHOD_NOT_ALLOWED,
    CONNECTION_LIMIT,
    NO_MATCHING_CHAIN,
    TLS_FAILURE,
    NO_USABLE_ADDRESS,
    UPSTREAM_UNREACHABLE,
    AUTHORITY_MISMATCH,
    BAD_AUTHORITY,
    ABSOLUTE_FORM,
    CONNECT_INSIDE_TLS,
    CREDENTIAL_UNAVAILABLE,
    ADDRESS_NOT_PUBLIC,
    UPSTREAM_UNTRUSTED;

    /** The code as it stands in headers, bodies and logs: {@code host_not_allowed}. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }
}
