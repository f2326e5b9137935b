package dev.sallyport.inject;

import java.util.stream.Stream;

/** A raw device can hold more than what was mounted from it. */
final class BlockDevices implements PodRule {
    @Override
    public Stream<Refusal> refusals(WorkloadPod pod) {
        return pod.containers().stream()
                .flatMap(container -> container.list("volumeDevices").stream())
                .map(device -> Refusal.found(
                        device.path(), "device " + device.text("devicePath"), "none: mount the volume instead"));
    }
}
