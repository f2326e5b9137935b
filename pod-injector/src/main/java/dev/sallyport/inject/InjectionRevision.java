package dev.sallyport.inject;

import dev.sallyport.policy.EgressPolicy;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * Tells Pods apart that were injected under other settings, by another version, or under a policy that asked for something else of its Pods. It says nothing of the policy's hosts: these reach running Pods.
 */
final class InjectionRevision {
    static final String ANNOTATION = "sallyport.dev/injected-revision";
    static final String VERSION_ANNOTATION = "sallyport.dev/injector-version";
    private static final int LENGTH = 12;

    static String of(EgressPolicy policy, InjectorSettings settings) {
        String content = String.join(
                "\n",
                settings.version(),
                settings.cluster().toString(),
                settings.resolvers().stream()
                        .map(InetAddress::getHostAddress)
                        .toList()
                        .toString(),
                Boolean.toString(settings.ipv6()),
                List.of(policy.access(), policy.capture(), policy.keepCapabilities())
                        .toString());
        return HexFormat.of()
                .formatHex(sha256().digest(content.getBytes(StandardCharsets.UTF_8)))
                .substring(0, LENGTH);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private InjectionRevision() {}
}
