package dev.sallyport.inject;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.bootstrap.PodLayout;
import java.nio.file.Path;
import java.util.Set;

/** The volumes that we add, and how they are mounted. Written as the API server gives them back. */
final class OwnVolumes {
    static final String TRUST = "sallyport-trust";
    static final String TOKEN = "sallyport-token";
    static final String NO_TOKEN = "sallyport-no-token";
    static final Set<String> NAMES = Set.of(TRUST, TOKEN, NO_TOKEN);

    /** Where the API server's admission mounts a token of the ServiceAccount into every container that mounts nothing there. */
    private static final Path SERVICE_ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

    /** Seconds; the kubelet asks for a new token after four fifths. */
    private static final int TOKEN_LIFE = 3_600;

    /** 0644: the sidecar is not the owner. */
    private static final int READABLE = 420;

    static ObjectNode trust(String policy) {
        ObjectNode volume = Json.object();
        volume.putObject("configMap").put("defaultMode", READABLE).put("name", PodLayout.trustConfigMap(policy));
        return volume.put("name", TRUST);
    }

    static ObjectNode token() {
        ObjectNode volume = Json.object().put("name", TOKEN);
        ObjectNode projected = volume.putObject("projected").put("defaultMode", READABLE);
        projected
                .putArray("sources")
                .addObject()
                .putObject("serviceAccountToken")
                .put("audience", PodLayout.TOKEN_AUDIENCE)
                .put("expirationSeconds", TOKEN_LIFE)
                .put("path", PodLayout.TOKEN.getFileName().toString());
        return volume;
    }

    static ObjectNode noToken() {
        ObjectNode volume = Json.object();
        volume.putObject("emptyDir");
        return volume.put("name", NO_TOKEN);
    }

    static ObjectNode trustMount() {
        return mount(TRUST, PodLayout.TRUST);
    }

    static ObjectNode tokenMount() {
        return mount(TOKEN, PodLayout.TOKEN_DIRECTORY);
    }

    static ObjectNode noTokenMount() {
        return mount(NO_TOKEN, SERVICE_ACCOUNT);
    }

    private static ObjectNode mount(String volume, Path at) {
        return Json.object().put("mountPath", at.toString()).put("name", volume).put("readOnly", true);
    }

    private OwnVolumes() {}
}
