package dev.sallyport.cli;

import dev.sallyport.source.file.FileSourceConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a command's policies, Secrets and ConfigMaps come from. */
final class SourceOptions {
    @Option(
            names = "--policy",
            required = true,
            paramLabel = "FILE",
            description =
                    "A file of policies, or a directory of such files; Secret and ConfigMap manifests may be among them. Repeatable.")
    private List<Path> policies = new ArrayList<>();

    @Option(names = "--secrets", paramLabel = "DIR", description = "Secrets as files DIR/NAME/KEY.")
    private @Nullable Path secrets;

    @Option(names = "--config-maps", paramLabel = "DIR", description = "ConfigMaps as files DIR/NAME/KEY.")
    private @Nullable Path configMaps;

    List<Path> policies() {
        return List.copyOf(policies);
    }

    Optional<Path> secrets() {
        return Optional.ofNullable(secrets);
    }

    Optional<Path> configMaps() {
        return Optional.ofNullable(configMaps);
    }

    FileSourceConfig files() {
        return FileSourceConfig.of(policies(), secrets(), configMaps());
    }
}
