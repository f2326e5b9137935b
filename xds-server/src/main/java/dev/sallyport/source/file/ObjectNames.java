package dev.sallyport.source.file;

import java.util.regex.Pattern;

/** What Kubernetes accepts as names of Secrets and ConfigMaps, and as their keys (k8s.io/apimachinery validation). */
final class ObjectNames {
    private static final Pattern SUBDOMAIN =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
    private static final Pattern KEY = Pattern.compile("[-._a-zA-Z0-9]+");
    private static final int MAX_LENGTH = 253;
    private static final int MAX_LABEL = 63;

    static final String EXPECTED_NAME = "lower-case letters, digits, '-' and '.', at most 253 characters";
    static final String EXPECTED_KEY =
            "letters, digits, '-', '_' and '.', not beginning with '..', at most 253 characters";

    static boolean isName(String name) {
        return name.length() <= MAX_LENGTH && SUBDOMAIN.matcher(name).matches();
    }

    static boolean isNamespace(String name) {
        return name.length() <= MAX_LABEL && LABEL.matcher(name).matches();
    }

    static boolean isKey(String key) {
        return key.length() <= MAX_LENGTH && KEY.matcher(key).matches() && !key.equals(".") && !key.startsWith("..");
    }

    private ObjectNames() {}
}
