package dev.sallyport.inject;

import java.util.stream.Stream;

/** An unmasked /proc shows more of the machine than a workload may see. */
final class ProcMounts implements PodRule {
    @Override
    public Stream<Refusal> refusals(WorkloadPod pod) {
        return pod.containers().stream()
                .map(container -> container.at("securityContext"))
                .filter(context ->
                        !context.optionalText("procMount").orElse("Default").equals("Default"))
                .map(context ->
                        Refusal.found(context.pathOf("procMount"), context.text("procMount"), "Default or nothing"));
    }
}
