package dev.sallyport.bootstrap;

import java.nio.file.Path;

/**
 * What is particular to one sidecar when it starts. All else comes by xDS.
 *
 * @param nodeId a label for logs and status; it proves nothing
 * @param ports where it listens
 * @param controlPlane whom it asks
 * @param ca the SDS file with the CA certificates that the control plane's certificate must lead to, see {@link SdsFiles#ca}
 * @param token the SDS file with the sidecar's own token, see {@link SdsFiles#token}
 */
public record SidecarSpec(
        String nodeId, SidecarPorts ports, ControlPlane controlPlane, SecretFile ca, SecretFile token) {
    /**
     * Where xds-server is.
     *
     * @param host a DNS name or an IP address
     * @param port 1..65535
     * @param serverName the DNS name that its certificate must have
     */
    public record ControlPlane(String host, int port, String serverName) {}

    /**
     * An SDS file, which must be there when Envoy starts.
     *
     * @param sds the file itself
     * @param directory where the file that it names lies; whatever is renamed into that directory makes Envoy read it again
     */
    public record SecretFile(Path sds, Path directory) {}
}
