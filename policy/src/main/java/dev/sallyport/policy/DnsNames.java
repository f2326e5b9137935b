package dev.sallyport.policy;

import java.util.regex.Pattern;

/** The names that Kubernetes gives to objects. Thread-safe: has no state. */
public final class DnsNames {
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]*[a-z0-9])?");
    private static final Pattern SUBDOMAIN = Pattern.compile(LABEL + "(\\." + LABEL + ")*");
    private static final Pattern DATA_KEY = Pattern.compile("[-._a-zA-Z0-9]+");

    /** For messages. */
    public static final String LABEL_RULE =
            "a DNS label: at most 63 of a-z, 0-9 and -, with a letter or digit at both ends";

    /** For messages. */
    public static final String SUBDOMAIN_RULE =
            "a DNS subdomain: at most 253 of a-z, 0-9, - and ., with a letter or digit at both ends of each part";

    static final String DATA_KEY_RULE = "a key: at most 253 of letters, digits, -, _ and ., and not . or begun with ..";

    private DnsNames() {}

    /** Whether {@code text} is a DNS label (RFC 1123): the name of a namespace, for instance. */
    public static boolean isLabel(String text) {
        return text.length() <= 63 && LABEL.matcher(text).matches();
    }

    /** Whether {@code text} is a DNS subdomain (RFC 1123): the name of most objects. */
    public static boolean isSubdomain(String text) {
        return text.length() <= 253 && SUBDOMAIN.matcher(text).matches();
    }

    /** Whether {@code text} can be a key of a Secret or ConfigMap. */
    static boolean isDataKey(String text) {
        return text.length() <= 253 && DATA_KEY.matcher(text).matches() && !text.equals(".") && !text.startsWith("..");
    }
}
