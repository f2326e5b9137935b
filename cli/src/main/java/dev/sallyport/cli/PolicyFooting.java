package dev.sallyport.cli;

import dev.sallyport.policy.EgressPolicy;
import dev.sallyport.policy.PolicyCompiler;
import dev.sallyport.source.SourceState;
import dev.sallyport.source.file.FileSource;
import dev.sallyport.source.file.FileSourceConfig;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Whether a policy still says what a command was started on. Its access and capture must not change under what runs: whoever was started without a sidecar cannot be given one. A policy that is gone, or has errors, does not say it
 * any more.
 */
final class PolicyFooting implements AutoCloseable {
    private final EgressPolicy first;
    private final FileSource source;
    private final Consumer<Optional<String>> listener;
    private Optional<String> told = Optional.empty();

    /** @param listener is told of each change: what is wrong now, or empty when nothing is any more; on a thread of its own */
    PolicyFooting(EgressPolicy first, FileSourceConfig files, Consumer<Optional<String>> listener) {
        this.first = first;
        this.source = new FileSource(files);
        this.listener = listener;
    }

    void watch() {
        source.start(this::look);
    }

    private void look(SourceState state) {
        Optional<String> wrong = wrong(Optional.ofNullable(
                PolicyCompiler.compile(state.documents()).policies().accepted().get(first.id())));
        if (!wrong.equals(told)) {
            told = wrong;
            listener.accept(wrong);
        }
    }

    private Optional<String> wrong(Optional<EgressPolicy> now) {
        if (now.isEmpty()) {
            return Optional.of("policy " + first.id() + " has errors or is gone");
        }
        EgressPolicy policy = now.get();
        if (policy.access() == first.access() && policy.capture() == first.capture()) {
            return Optional.empty();
        }
        return Optional.of("policy " + first.id() + " was changed to access " + policy.access() + ", capture "
                + policy.capture() + " after its command was started with access " + first.access() + ", capture "
                + first.capture());
    }

    @Override
    public void close() {
        source.close();
    }
}
