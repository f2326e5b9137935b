package dev.sallyport.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvoyVersionTest {
    @Test
    void readsWhatEnvoyPrints() {
        assertThat(
                        EnvoyVersion.parse(
                                "\n/opt/envoy  version: 9e5580933739775e8bce696a57a2e1bc99368f23/1.40.0/Clean/RELEASE/BoringSSL\n"))
                .contains(new EnvoyVersion(1, 40, 0));
    }

    @Test
    void readsDevelopmentVersions() {
        assertThat(EnvoyVersion.parse("envoy  version: 9e55/1.41.0-dev/Modified/DEBUG/BoringSSL"))
                .contains(new EnvoyVersion(1, 41, 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "version: ", "version: abc/1.40/x", "openjdk version \"17\"", "version: a/99999.1.1/x"})
    void refusesEverythingElse(String printed) {
        assertThat(EnvoyVersion.parse(printed)).isEmpty();
    }

    @Test
    void comparesByNumberNotByText() {
        assertThat(new EnvoyVersion(1, 9, 12)).isLessThan(new EnvoyVersion(1, 39, 0));
        assertThat(new EnvoyVersion(1, 39, 10)).isGreaterThan(new EnvoyVersion(1, 39, 3));
        assertThat(EnvoyVersion.PINNED).isGreaterThan(EnvoyVersion.OLDEST_SUPPORTED);
    }
}
