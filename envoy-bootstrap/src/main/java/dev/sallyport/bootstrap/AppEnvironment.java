package dev.sallyport.bootstrap;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The environment that makes the runtimes of an app trust their sidecar and find it: the same in a Pod and under {@code sallyport run}. {@code SSL_CERT_DIR} is not used: with it curl ignores {@code SSL_CERT_FILE}.
 *
 * @param trust the trust directory as the app sees it: {@code ca.pem}, {@code bundle.pem}, {@code truststore}, {@code wgetrc}
 * @param proxyPort of the sidecar's proxy on 127.0.0.1
 * @param noProxy hosts besides this machine itself that are not asked for through the proxy
 */
public record AppEnvironment(String trust, int proxyPort, List<String> noProxy) {
    /** Appended to, never replaced: the JVM takes the last word for each property. */
    public static final String JAVA_OPTIONS = "JAVA_TOOL_OPTIONS";

    /** Settings that replace what a runtime trusts. */
    private static final List<String> BUNDLE = List.of(
            "AWS_CA_BUNDLE",
            "BUNDLE_SSL_CA_CERT",
            "CARGO_HTTP_CAINFO",
            "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE",
            "CURL_CA_BUNDLE",
            "GIT_SSL_CAINFO",
            "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
            "HTTPLIB2_CA_CERTS",
            "NIX_SSL_CERT_FILE",
            "NPM_CONFIG_CAFILE",
            "PERL_LWP_SSL_CA_FILE",
            "PIP_CERT",
            "REQUESTS_CA_BUNDLE",
            "SSL_CERT_FILE",
            "YARN_HTTPS_CA_FILE_PATH");

    /** Settings that add to it. */
    private static final List<String> CA = List.of("DENO_CERT", "NODE_EXTRA_CA_CERTS");

    /** Lower case is what GNU wget and Ruby read, and for {@code http://} curl. */
    private static final List<String> PROXY =
            List.of("HTTPS_PROXY", "HTTP_PROXY", "grpc_proxy", "http_proxy", "https_proxy");

    /** Settings that make a runtime read the others: uv by its new name and its old one, Node its proxy variables. */
    private static final List<String> SWITCHES = List.of("NODE_USE_ENV_PROXY", "UV_NATIVE_TLS", "UV_SYSTEM_CERTS");

    private static final List<String> THIS_MACHINE = List.of("localhost", "127.0.0.1", "::1");

    public AppEnvironment {
        noProxy = List.copyOf(noProxy);
    }

    /** All variables but {@link #JAVA_OPTIONS}. */
    public SortedMap<String, String> variables() {
        SortedMap<String, String> variables = new TreeMap<>();
        BUNDLE.forEach(name -> variables.put(name, trust + "/bundle.pem"));
        CA.forEach(name -> variables.put(name, trust + "/ca.pem"));
        variables.put("WGETRC", trust + "/wgetrc");
        PROXY.forEach(name -> variables.put(name, "http://127.0.0.1:" + proxyPort));
        SWITCHES.forEach(name -> variables.put(name, "1"));
        String direct = Stream.concat(THIS_MACHINE.stream(), noProxy.stream()).collect(Collectors.joining(","));
        variables.put("NO_PROXY", direct);
        variables.put("no_proxy", direct);
        return variables;
    }

    /** Java's system properties, by name. */
    public SortedMap<String, String> javaProperties() {
        SortedMap<String, String> properties = new TreeMap<>();
        properties.put("javax.net.ssl.trustStore", trust + "/truststore");
        for (String scheme : List.of("http", "https")) {
            properties.put(scheme + ".proxyHost", "127.0.0.1");
            properties.put(scheme + ".proxyPort", Integer.toString(proxyPort));
        }
        properties.put("http.nonProxyHosts", javaPatterns());
        return properties;
    }

    /**
     * Adds to an app's environment what it does not set itself.
     *
     * @return the names of variables, and of Java's properties, that the app sets to something else and that were left alone, sorted: where they are about proxies or certificates, some requests may fail
     */
    public List<String> addTo(Map<String, String> environment) {
        List<String> kept = new ArrayList<>();
        variables().forEach((name, value) -> {
            String before = environment.putIfAbsent(name, value);
            if (before != null && !before.equals(value)) {
                kept.add(name);
            }
        });
        StringBuilder options = new StringBuilder(environment.getOrDefault(JAVA_OPTIONS, ""));
        javaProperties().forEach((name, value) -> {
            if (options.indexOf(option(name, value)) >= 0) {
                return;
            }
            if (options.indexOf("-D" + name + "=") >= 0) {
                kept.add(JAVA_OPTIONS + " -D" + name);
            } else {
                append(options, name, value);
            }
        });
        environment.put(JAVA_OPTIONS, options.toString());
        return kept.stream().sorted().toList();
    }

    /**
     * Puts these variables in the place of those of an environment that was not made for the app: that of a person's shell, where a proxy or certificates of the machine's own would lead requests past the sidecar, or make them fail.
     *
     * @return the names of variables, and of Java's properties, that had another value, sorted
     */
    public List<String> replaceIn(Map<String, String> environment) {
        List<String> replaced = new ArrayList<>();
        variables().forEach((name, value) -> {
            String before = environment.put(name, value);
            if (before != null && !before.equals(value)) {
                replaced.add(name);
            }
        });
        // The JVM takes the last of two values of a property.
        StringBuilder options = new StringBuilder(environment.getOrDefault(JAVA_OPTIONS, ""));
        javaProperties().forEach((name, value) -> {
            if (options.indexOf("-D" + name + "=") >= 0) {
                replaced.add(JAVA_OPTIONS + " -D" + name);
            }
            append(options, name, value);
        });
        environment.put(JAVA_OPTIONS, options.toString());
        return replaced.stream().sorted().toList();
    }

    private static void append(StringBuilder options, String property, String value) {
        options.append(options.isEmpty() ? "" : " ").append(option(property, value));
    }

    private static String option(String property, String value) {
        return quoted("-D" + property + "=" + value);
    }

    /** Java's patterns match a whole name, with a {@code *} at one end; address ranges cannot be said. */
    private String javaPatterns() {
        return Stream.concat(
                        Stream.of("localhost", "127.*", "[::1]"),
                        noProxy.stream()
                                .filter(entry -> !entry.contains("/"))
                                .flatMap(entry -> entry.startsWith(".")
                                        ? Stream.of("*" + entry)
                                        : Stream.of(entry, "*." + entry)))
                .collect(Collectors.joining("|"));
    }

    private static String quoted(String option) {
        return option.chars().anyMatch(Character::isWhitespace) ? '"' + option + '"' : option;
    }
}
