package dev.sallyport.pki;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** RFC 7468 text. */
final class Pem {
    static final String CERTIFICATE = "CERTIFICATE";
    static final String PRIVATE_KEY = "PRIVATE KEY";

    private static final int LINE = 64;
    private static final Base64.Encoder BASE64 = Base64.getMimeEncoder(LINE, "\n".getBytes(StandardCharsets.US_ASCII));

    static String encode(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + BASE64.encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    private Pem() {}
}
