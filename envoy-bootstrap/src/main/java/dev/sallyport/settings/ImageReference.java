package dev.sallyport.settings;

import java.util.regex.Pattern;

/** The names of container images, as the distribution specification has them. */
final class ImageReference {
    static final String RULE =
            "an image with a tag or digest, such as registry.example/team/envoy:v1.40.0 or NAME@sha256:HASH";

    private static final int LONGEST = 512;
    private static final String PART = "[a-z0-9]+(?:(?:[.]|_{1,2}|-+)[a-z0-9]+)*";
    private static final String REGISTRY = "(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::[0-9]{1,5})?/)?";
    private static final String TAG = ":[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}";
    private static final String DIGEST = "@sha256:[0-9a-f]{64}";
    private static final Pattern PINNED =
            Pattern.compile(REGISTRY + PART + "(?:/" + PART + ")*(?:" + TAG + "(?:" + DIGEST + ")?|" + DIGEST + ")");

    private ImageReference() {}

    /** Whether {@code text} says which version: without one, two nodes may run different programs. */
    static boolean isPinned(String text) {
        return text.length() <= LONGEST && PINNED.matcher(text).matches();
    }
}
