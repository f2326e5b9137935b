package dev.sallyport.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What each policy becomes. {@code -Dgolden.update=true} writes the files anew; a file that no longer follows from its policy fails. */
class GoldenTest {
    @ParameterizedTest
    @MethodSource("dev.sallyport.envoy.GoldenCase#all")
    void policiesBecomeTheseResources(GoldenCase golden) {
        if (Boolean.getBoolean("golden.update")) {
            golden.update();
        }

        assertThat(golden.actual()).isEqualTo(golden.expected());
    }
}
