package dev.sallyport.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** Why a sidecar gets nothing from its control plane, in words: of the first minutes of that Envoy says little, and much of the rest. Thread-safe. */
final class ControlPlaneProbe {
    private static final int PATIENCE_MILLIS = 3_000;

    /** gRPC's status and message when the control plane ends a stream. */
    private static final Pattern STREAM_CLOSED =
            Pattern.compile("gRPC config stream to \\S+ closed: (\\d+), (.*?)(?:\\{[^}]*})?$");

    private static final String PERMISSION_DENIED = "7";
    private static final String UNAUTHENTICATED = "16";

    private final HostAndPort xds;
    private final Path caFile;
    private final Path tokenFile;
    private volatile Optional<String> refusal = Optional.empty();

    private ControlPlaneProbe(HostAndPort xds, Path caFile, Path tokenFile) {
        this.xds = xds;
        this.caFile = caFile;
        this.tokenFile = tokenFile;
    }

    /** Files that cannot be what they should are a {@link UserError}. */
    static ControlPlaneProbe of(HostAndPort xds, Path caFile, Path tokenFile) throws IOException {
        if (Files.readString(tokenFile).isBlank()) {
            throw new UserError(
                    "--token-file " + tokenFile
                            + " is empty (expected: the workload's token, which the control plane keeps in tokens/NAMESPACE/NAME/token of its state directory)");
        }
        try {
            certificates(caFile);
        } catch (CertificateException e) {
            throw new UserError("--ca-file " + caFile
                    + " has no certificates (expected: PEM, xds-ca.pem of the control plane's state directory)");
        }
        return new ControlPlaneProbe(xds, caFile, tokenFile);
    }

    /** Takes what Envoy complains about; a refusal of the token is kept for {@link #problem}, as it comes again with every attempt. */
    void errorOfEnvoy(String line) {
        Matcher closed = STREAM_CLOSED.matcher(line);
        boolean isRefusal = closed.find()
                && (closed.group(1).equals(UNAUTHENTICATED) || closed.group(1).equals(PERMISSION_DENIED));
        if (isRefusal) {
            refusal = Optional.of(Terminal.printable(closed.group(2)));
            DebugOutput.print(System.err, "envoy", line);
        } else if (!line.isBlank()) {
            System.err.println("envoy: " + line);
        }
    }

    /** What keeps a sidecar that is not ready from its configuration. */
    Optional<String> problem() {
        Optional<String> transport = transportProblem();
        if (transport.isPresent()) {
            return transport;
        }
        return refusal.map(message -> "the control plane " + this + " refuses the token in " + tokenFile + ": "
                + message + "; the file is read again when it is replaced");
    }

    private Optional<String> transportProblem() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(xds.host(), xds.port()), PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            return handshakeProblem(socket);
        } catch (IOException e) {
            return Optional.of(
                    "the control plane " + this + " cannot be reached: " + Errors.describe(e) + "; trying again");
        }
    }

    private Optional<String> handshakeProblem(Socket socket) {
        try (SSLSocket tls = (SSLSocket) context()
                .getSocketFactory()
                .createSocket(socket, StandaloneControlPlane.SERVER_NAME, xds.port(), false)) {
            SSLParameters parameters = tls.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            tls.setSSLParameters(parameters);
            tls.startHandshake();
            return Optional.empty();
        } catch (IOException | GeneralSecurityException e) {
            return Optional.of("the certificate of " + this + " is not one that " + caFile + " vouches for ("
                    + e.getMessage() + "); --ca-file must be xds-ca.pem of that control plane's state directory");
        }
    }

    private SSLContext context() throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        for (Certificate certificate : certificates(caFile)) {
            trusted.setCertificateEntry(Integer.toString(trusted.size()), certificate);
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    private static Collection<? extends Certificate> certificates(Path file) throws IOException, CertificateException {
        Collection<? extends Certificate> found = CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)));
        if (found.isEmpty()) {
            throw new CertificateException("none");
        }
        return found;
    }

    @Override
    public String toString() {
        return xds.host() + ":" + xds.port();
    }
}
