package dev.sallyport.inject;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.settings.ClusterSettings;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class InjectionRevisionTest {
    private static final InjectorSettings SETTINGS = Pods.SETTINGS;

    @Test
    void isTheSameWhateverHostsThePolicyHas() {
        assertThat(InjectionRevision.of(Pods.policy("hosts: [{host: a.example}]"), SETTINGS))
                .isEqualTo(InjectionRevision.of(Pods.policy(), SETTINGS))
                .matches("[0-9a-f]{12}");
    }

    @Test
    void isAnotherForWhatChangesInjectedPods() {
        Set<String> revisions = Stream.of(
                        InjectionRevision.of(Pods.policy(), SETTINGS),
                        InjectionRevision.of(Pods.policy("access: None"), SETTINGS),
                        InjectionRevision.of(Pods.policy("capture: Proxy"), SETTINGS),
                        InjectionRevision.of(Pods.policy("keepCapabilities: [SETUID]"), SETTINGS),
                        InjectionRevision.of(Pods.policy(), with(SETTINGS.cluster(), true, "2")),
                        InjectionRevision.of(Pods.policy(), with(SETTINGS.cluster(), false, SETTINGS.version())),
                        InjectionRevision.of(
                                Pods.policy(),
                                with(SETTINGS.cluster().withResolvers(List.of("10.0.0.9")), true, SETTINGS.version())))
                .collect(Collectors.toSet());
        assertThat(revisions).hasSize(7);
    }

    private static InjectorSettings with(ClusterSettings cluster, boolean ipv6, String version) {
        return new InjectorSettings(cluster, SETTINGS.resolvers(), ipv6, version);
    }
}
