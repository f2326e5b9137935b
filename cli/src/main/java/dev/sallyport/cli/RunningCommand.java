package dev.sallyport.cli;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The command of a run, from its start to the end of what it leaves running. Signals are its own in between. */
final class RunningCommand {
    private final RunNetwork network;
    private final RunSignals signals;

    RunningCommand(RunNetwork network, RunSignals signals) {
        this.network = network;
        this.signals = signals;
    }

    /**
     * Runs it and returns its exit code.
     *
     * @param command as {@link RunNetwork#command} made it
     * @param environment all of it, but for what names the run
     * @param run its id
     */
    int run(List<String> command, Map<String, String> environment, String run) throws InterruptedException {
        Map<String, String> marked = new HashMap<>(environment);
        marked.put(Orphans.VARIABLE, run);
        signals.check();
        ChildCommand child = ChildCommand.start(command, marked);
        signals.passTo(signal -> network.forward(signal, child));
        try {
            return child.waitFor();
        } finally {
            signals.commandEnded();
            Orphans.end(run);
        }
    }
}
