package dev.sallyport.settings;

import dev.sallyport.policy.PolicyProblem;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/** The settings file cannot be used. The message has one line for each thing that is wrong with it. */
public final class SettingsException extends IOException {
    private static final long serialVersionUID = 1L;

    SettingsException(String line, Throwable cause) {
        super(line, cause);
    }

    SettingsException(List<PolicyProblem> problems) {
        super(problems.stream().map(PolicyProblem::toString).collect(Collectors.joining("\n")));
    }
}
