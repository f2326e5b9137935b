package dev.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChildCommandTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Cannot run program \"x\": error=2, No such file or directory | 127",
                "Cannot run program \"x\": Exec failed, error: 2 (No such file or directory) | 127",
                "Cannot run program \"x\": error=13, Permission denied | 126",
                "Cannot run program \"x\": Exec failed, error: 13 (Permission denied) | 126",
                "Cannot run program \"x\": Exec failed, error: 8 (Exec format error) | 126",
                "Cannot run program \"x\" (in directory \"/gone\"): error=2, No such file or directory | 126",
            })
    void readsWhatEveryJavaSaysOfACommandThatCannotBeExecuted(String message, int exitCode) {
        assertThat(ChildCommand.cannotRun("x", message).exitCode()).isEqualTo(exitCode);
    }
}
