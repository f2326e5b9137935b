package dev.sallyport.pki;

import dev.sallyport.policy.PolicyId;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;

/** What the tests of this package share. */
final class Fixtures {
    static final RootSeed SEED = seed(1);
    static final PolicyId WORKLOAD = new PolicyId("agents", "coding-agent");

    static RootSeed seed(int number) {
        byte[] bytes = new byte[RootSeed.LENGTH];
        bytes[0] = (byte) number;
        return RootSeed.of(bytes);
    }

    static X509Certificate x509(String pem) throws CertificateException {
        return x509s(pem).get(0);
    }

    static List<X509Certificate> x509s(String pem) throws CertificateException {
        Collection<?> certificates = CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
        return certificates.stream().map(X509Certificate.class::cast).toList();
    }

    private Fixtures() {}
}
