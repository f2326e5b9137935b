package dev.sallyport.inject;

import dev.sallyport.bootstrap.PodLayout;
import java.util.stream.Stream;

/** A token for the control plane's audience opens the workload's credentials: only the sidecar has one. */
final class SidecarTokens implements PodRule {
    @Override
    public Stream<Refusal> refusals(WorkloadPod pod) {
        return pod.spec().list("volumes").stream()
                .filter(volume -> !OwnParts.isOwnVolume(volume))
                .flatMap(volume -> volume.at("projected").list("sources").stream())
                .map(source -> source.at("serviceAccountToken"))
                .filter(token -> token.text("audience").equals(PodLayout.TOKEN_AUDIENCE))
                .map(token -> Refusal.found(
                        token.pathOf("audience"),
                        token.text("audience"),
                        "any other: a token of this audience opens the workload's credentials"));
    }
}
