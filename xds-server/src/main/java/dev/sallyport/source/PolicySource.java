package dev.sallyport.source;

import java.util.function.Consumer;

/** Where policies, Secrets and ConfigMaps come from. Constructing one does nothing; {@link #start} begins, {@link #close} ends. */
public interface PolicySource extends AutoCloseable {
    /** Begins to hand complete states to {@code sink}, from one thread at a time, the first when everything has been read. May be called once. */
    void start(Consumer<SourceState> sink);

    @Override
    void close();
}
