package dev.sallyport.image;

import com.google.cloud.tools.jib.api.JibContainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Builds the container image from the application that Maven packaged. Run by Maven and by {@code image/build}.
 *
 * <p>Arguments: the directory with {@code sallyport-cli.jar} and {@code lib/}; a work directory; the archive to write; the version of the image; optionally a PEM file of public CA certificates, empty for those of the system.
 */
public final class ImageBuild {
    /** Says what to do in words; a bug has a stack trace. */
    private static final int FAILED = 1;

    private final Path application;
    private final Path work;
    private final String version;
    private final Optional<Path> publicRoots;

    ImageBuild(Path application, Path work, String version, Optional<Path> publicRoots) {
        this.application = application;
        this.work = work;
        this.version = version;
        this.publicRoots = publicRoots;
    }

    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length != 4 && arguments.length != 5) {
            System.err.println("image: usage: APPLICATION-DIR WORK-DIR ARCHIVE VERSION [PUBLIC-ROOTS]");
            System.exit(FAILED);
        }
        Optional<Path> roots = arguments.length == 5 && !arguments[4].isEmpty()
                ? Optional.of(Path.of(arguments[4]))
                : Optional.empty();
        try {
            Path archive = Path.of(arguments[2]).toAbsolutePath();
            JibContainer image =
                    new ImageBuild(Path.of(arguments[0]), Path.of(arguments[1]), arguments[3], roots).write(archive);
            say(name(arguments[3]) + ", " + (Files.size(archive) >> 20) + " MB: " + archive);
            say("id " + image.getImageId());
        } catch (ImageException | IOException e) {
            System.err.println("image: " + e.getMessage());
            System.exit(FAILED);
        }
    }

    /** The image's name and tag. A build of what will be version 1 is tagged 1, as the manifests name it. */
    static String name(String version) {
        return "sallyport:" + version.replace("-SNAPSHOT", "");
    }

    JibContainer write(Path archive) throws IOException, InterruptedException {
        return new ContainerImage(root(), name(version)).write(archive, work.resolve("jib"));
    }

    /** Puts the image's file system into a directory. */
    StagedRoot root() throws IOException, InterruptedException {
        StagedRoot root = StagedRoot.empty(work.resolve("root"));
        say("Java runtime of " + System.getProperty("java.home"));
        JavaRuntime.of(Path.of(System.getProperty("java.home"))).into(root);
        new ApplicationFiles(application).into(root);
        say("system: " + new SystemFiles(publicRoots).into(root));
        root.settle();
        say("class data of a training run");
        ClassData.into(root);
        root.settle();
        return root;
    }

    private static void say(String line) {
        System.out.println("image: " + line);
    }
}
