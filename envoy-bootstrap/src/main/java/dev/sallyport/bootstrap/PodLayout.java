package dev.sallyport.bootstrap;

import java.nio.file.Path;

/** What the injector puts into Pods and the control plane counts on, or the other way round: names and paths that both must know. */
public final class PodLayout {
    /** On Pods: the name of their policy. */
    public static final String POLICY_LABEL = "sallyport.dev/policy";

    /** The container of the sidecar. */
    public static final String SIDECAR = "sallyport";

    /** The container that applies the packet rules, and ends. */
    public static final String NET = "sallyport-net";

    /** Where Pods mount the ConfigMap of {@link #trustConfigMap}. */
    public static final Path TRUST = Path.of("/etc/sallyport/trust");

    /** What the sidecar alone mounts. */
    public static final Path TOKEN_DIRECTORY = Path.of("/var/run/secrets/sallyport");

    /** Its token. */
    public static final Path TOKEN = TOKEN_DIRECTORY.resolve("token");

    /** Whom that token is for. */
    public static final String TOKEN_AUDIENCE = "sallyport";

    /** In {@link #TRUST}: what sidecars check the control plane with. */
    public static final String XDS_CA = "xds-ca.pem";

    /** In {@link #TRUST}: {@link SdsFiles#ca} for {@link #XDS_CA}. */
    public static final String XDS_CA_SDS = "xds-ca.sds.yaml";

    /** In {@link #TRUST}: {@link SdsFiles#token} for {@link #TOKEN}. */
    public static final String XDS_TOKEN_SDS = "xds-token.sds.yaml";

    /** The name of the ConfigMap that the Pods of a policy mount. */
    public static String trustConfigMap(String policy) {
        return "sallyport-trust-" + policy;
    }

    /** The name of the NetworkPolicy of a policy's Pods. */
    public static String networkPolicy(String policy) {
        return "sallyport-" + policy;
    }

    private PodLayout() {}
}
