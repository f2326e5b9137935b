import java.security.KeyStore;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** Prints how many CAs this Java trusts. */
class CountTrusted {
    public static void main(String[] arguments) throws Exception {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init((KeyStore) null);
        System.out.println(((X509TrustManager) factory.getTrustManagers()[0]).getAcceptedIssuers().length);
    }
}
