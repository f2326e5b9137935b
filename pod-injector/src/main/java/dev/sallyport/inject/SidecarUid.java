package dev.sallyport.inject;

import dev.sallyport.bootstrap.PodLayout;
import java.security.SecureRandom;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** User ids of sidecars. A Pod's sidecar has one that nobody could know before, from a range that no other container may ask for: an image cannot be made to run as it. */
final class SidecarUid {
    /** The first: above what images, namespaces of OpenShift and user namespaces have. */
    static final int FIRST = 2_000_000_000;

    static final int LAST = FIRST + 99_999_999;

    private static final SecureRandom RANDOM = new SecureRandom();

    static int draw() {
        return FIRST + RANDOM.nextInt(LAST - FIRST + 1);
    }

    static boolean isOne(long uid) {
        return uid >= FIRST && uid <= LAST;
    }

    /** The one that a Pod's sidecar has already; empty: none, or none that was drawn here. */
    static OptionalInt of(PodElement spec) {
        return spec.list("initContainers").stream()
                .filter(container -> container.text("name").equals(PodLayout.SIDECAR))
                .map(container -> container.at("securityContext").integer("runAsUser"))
                .filter(OptionalLong::isPresent)
                .mapToLong(OptionalLong::getAsLong)
                .filter(SidecarUid::isOne)
                .mapToInt(Math::toIntExact)
                .findFirst();
    }

    private SidecarUid() {}
}
