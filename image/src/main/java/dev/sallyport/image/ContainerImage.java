package dev.sallyport.image;

import com.google.cloud.tools.jib.api.CacheDirectoryCreationException;
import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainer;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import com.google.cloud.tools.jib.api.buildplan.Port;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;

/** A staged file system as an archive that container engines load. Equal files give equal layers. */
record ContainerImage(StagedRoot root, String name) {
    private static final int XDS_PORT = 18_000;
    private static final int METRICS_PORT = 9_090;

    /** What changes seldom comes first, so that a new version brings few new layers. */
    private enum Layer {
        SYSTEM,
        JAVA,
        LIBRARIES,
        APPLICATION,
        CLASS_DATA;

        static Layer of(String file) {
            if (file.equals(ClassData.FILE)) {
                return CLASS_DATA;
            }
            if (file.startsWith(JavaRuntime.HOME + "/")) {
                return JAVA;
            }
            String ours = ApplicationFiles.HOME + "/lib/sallyport-";
            if (file.startsWith(ApplicationFiles.HOME + "/lib/") && !file.startsWith(ours)) {
                return LIBRARIES;
            }
            return file.startsWith(ApplicationFiles.HOME + "/") || file.equals(ApplicationFiles.COMMAND)
                    ? APPLICATION
                    : SYSTEM;
        }
    }

    /** Writes the archive, in the form of {@code docker save}; {@code cache} is a directory for layers. */
    JibContainer write(Path archive, Path cache) throws IOException, InterruptedException {
        try {
            return builder()
                    .containerize(Containerizer.to(TarImage.at(archive).named(name))
                            .setToolName("sallyport")
                            .setOfflineMode(true)
                            .setBaseImageLayersCache(cache)
                            .setApplicationLayersCache(cache));
        } catch (InvalidImageReferenceException
                | CacheDirectoryCreationException
                | RegistryException
                | ExecutionException e) {
            throw new IOException("cannot write the image " + name + " to " + archive + ": " + e.getMessage(), e);
        }
    }

    private JibContainerBuilder builder() throws IOException {
        JibContainerBuilder builder = Jib.fromScratch()
                .setPlatforms(Set.of(new Platform(architecture(System.getProperty("os.arch")), "linux")))
                .setCreationTime(Instant.EPOCH)
                .setUser(SystemFiles.USER + ":" + SystemFiles.USER)
                // The class data names its jars relative to this.
                .setWorkingDirectory(AbsoluteUnixPath.get(ApplicationFiles.HOME))
                .setEnvironment(Map.of("PATH", "/usr/bin:/bin", "LANG", "C.UTF-8"))
                .setExposedPorts(Set.of(Port.tcp(XDS_PORT), Port.tcp(METRICS_PORT)))
                .setEntrypoint(List.of(ApplicationFiles.COMMAND))
                .setProgramArguments(List.of("--help"));
        for (FileEntriesLayer layer : layers()) {
            builder.addFileEntriesLayer(layer);
        }
        return builder;
    }

    private List<FileEntriesLayer> layers() throws IOException {
        Map<Layer, FileEntriesLayer.Builder> layers = new EnumMap<>(Layer.class);
        for (Path file : root.files()) {
            if (file.equals(root.path())) {
                continue;
            }
            String name = "/" + root.path().relativize(file);
            Layer layer = Layer.of(name);
            layers.computeIfAbsent(layer, key -> FileEntriesLayer.builder().setName(key.name()))
                    .addEntry(
                            file,
                            AbsoluteUnixPath.get(name),
                            FilePermissions.fromPosixFilePermissions(Files.getPosixFilePermissions(file)),
                            StagedRoot.TIME);
        }
        return layers.values().stream().map(FileEntriesLayer.Builder::build).toList();
    }

    /** In the words of container images. */
    static String architecture(String ofJava) {
        return switch (ofJava) {
            case "amd64", "x86_64" -> "amd64";
            case "aarch64", "arm64" -> "arm64";
            default -> ofJava;
        };
    }
}
