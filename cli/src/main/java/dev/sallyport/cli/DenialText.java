package dev.sallyport.cli;

/** Refusals in words for the person at the terminal: what was refused, why, and what to do. */
final class DenialText {
    /** {@code denied other.example:443: no entry of policy agents/p matches this host (host_not_allowed). …} */
    static String of(AccessLogLine line) {
        String reason = line.reason().orElse("");
        return "denied " + line.destination() + ": " + why(reason, line) + " (" + reason + "). "
                + whatToDo(reason, line);
    }

    private static String why(String reason, AccessLogLine line) {
        String policy = "policy " + line.policy();
        return switch (reason) {
            case "host_not_allowed" -> "no entry of " + policy + " matches this host";
            case "port_not_allowed" -> "the entry of " + policy + " for this host does not list the port";
            case "host_denied" -> "an entry of " + policy + " with action Deny takes this host out";
            case "method_not_allowed" -> "the method " + line.method().orElse("TRACE") + " is never let through";
            case "connection_limit" -> "the sidecar already holds 4,000 connections of the command";
            case "no_matching_chain" ->
                "it was not TLS with the name of a host that " + policy + " lists for this port";
            case "tls_failure" ->
                "the TLS handshake between the program and the sidecar failed"
                        + line.tlsFailure().map(failure -> ": " + failure).orElse("");
            case "no_usable_address" -> "the name has no address that may be used";
            case "upstream_unreachable" -> "no connection to the host could be made";
            case "authority_mismatch" -> "the request named another host than the connection";
            case "bad_authority" -> "the request named a host or port that the connection is not for";
            case "absolute_form" -> "the request had a whole URL where only a path belongs";
            case "connect_inside_tls" -> "it was a CONNECT inside of TLS";
            case "credential_unavailable" ->
                "a credential that " + policy + " puts on its requests has no usable value";
            case "address_not_public" -> "the name resolves to addresses that are not public only";
            case "upstream_untrusted" ->
                "the host's certificate is not valid for it, or not from a CA that is trusted; nothing was sent";
            default -> "refused by the sidecar";
        };
    }

    private static String whatToDo(String reason, AccessLogLine line) {
        return switch (reason) {
            case "host_not_allowed" -> "Add it to spec.hosts if the command should reach it";
            case "port_not_allowed" -> "Add the port to the entry's ports if the command should reach it";
            case "host_denied" -> "Take that entry out if the command should reach it";
            case "connection_limit" -> "Close connections that are not used; those that are open go on";
            case "no_matching_chain" -> "Only TLS to hosts in spec.hosts can pass; plain TCP cannot";
            case "tls_failure" ->
                "Does the program ignore the variables that name the CA (SSL_CERT_FILE and others)? A host that pins its certificate needs tls: Passthrough";
            case "no_usable_address", "address_not_public" ->
                "For a private host set addresses: Any or resolveTo on its entry; loopback, link-local and metadata addresses are never used";
            case "upstream_unreachable" -> "Check that the host is up and can be reached from here";
            case "credential_unavailable" -> "'sallyport status' says which Secret and why";
            case "upstream_untrusted" -> "For a host with a CA of its own set trustedCa on its entry";
            case "method_not_allowed", "authority_mismatch", "bad_authority", "absolute_form", "connect_inside_tls" ->
                "This is not how ordinary clients ask; nothing in the policy allows it";
            default ->
                line.status().isPresent()
                        ? "It was answered with status " + line.status().getAsInt()
                        : "The connection was closed";
        };
    }

    private DenialText() {}
}
