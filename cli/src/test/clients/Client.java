import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

/** GET URL with the class that is named first; exit code 0: status 200. */
class Client {
    public static void main(String[] arguments) throws Exception {
        URI url = URI.create(arguments[1]);
        int status = arguments[0].equals("HttpClient")
                ? HttpClient.newHttpClient().send(HttpRequest.newBuilder(url).build(), BodyHandlers.discarding()).statusCode()
                : ((HttpURLConnection) url.toURL().openConnection()).getResponseCode();
        if (status != 200) {
            throw new IllegalStateException("status " + status);
        }
    }
}
