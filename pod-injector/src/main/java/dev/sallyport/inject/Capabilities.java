package dev.sallyport.inject;

import java.util.Locale;
import java.util.Set;

/** Names of capabilities as runtimes read them: in any case, with or without {@code CAP_}. */
final class Capabilities {
    /** What the Pod Security Standards' baseline lets a container add. */
    static final Set<String> BASELINE = Set.of(
            "AUDIT_WRITE",
            "CHOWN",
            "DAC_OVERRIDE",
            "FOWNER",
            "FSETID",
            "KILL",
            "MKNOD",
            "NET_BIND_SERVICE",
            "SETFCAP",
            "SETGID",
            "SETPCAP",
            "SETUID",
            "SYS_CHROOT");

    /** By which a process can take the user id of a sidecar. */
    static final Set<String> IDENTITY = Set.of("SETGID", "SETUID");

    static final String ALL = "ALL";
    static final String NET_RAW = "NET_RAW";
    static final String SETUID = "SETUID";

    static String normalised(String name) {
        String upper = name.strip().toUpperCase(Locale.ROOT);
        return upper.startsWith("CAP_") ? upper.substring("CAP_".length()) : upper;
    }

    private Capabilities() {}
}
