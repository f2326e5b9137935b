package dev.sallyport.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The Java runtime of the image: the modules that Sallyport uses, of the JDK that builds it. */
record JavaRuntime(Path jdk) {
    static final String HOME = ApplicationFiles.HOME + "/jre";

    /** Left out on purpose: what serves an attacher (jdk.attach, jdk.jcmd), recordings (jdk.jfr), and everything for windows and fonts (java.desktop, which only a binder of Micrometer's names). */
    private static final List<String> MODULES = List.of(
            "java.base",
            "java.logging", // grpc
            "java.management", // metrics of memory and garbage collection
            "java.naming", // Netty, grpc
            "java.net.http", // requests to the API server
            "java.sql", // types that protobuf and gson name
            "java.xml", // Logback
            "jdk.crypto.ec", // elliptic curves in TLS
            "jdk.httpserver", // metrics and probes
            "jdk.management", // what the operating system says of the process
            "jdk.unsupported"); // sun.misc.Unsafe: Netty, protobuf

    static JavaRuntime of(Path jdk) {
        if (!Files.isExecutable(jdk.resolve("bin/jlink")) || !Files.isDirectory(jdk.resolve("jmods"))) {
            throw new ImageException(
                    "JAVA_HOME is " + jdk
                            + ", which has no bin/jlink or no jmods. Point it at a whole JDK (Debian: apt install openjdk-17-jdk-headless)");
        }
        return new JavaRuntime(jdk);
    }

    void into(StagedRoot root) throws IOException, InterruptedException {
        Path home = root.at(HOME);
        Files.createDirectories(home.getParent());
        Tool.run(
                root.path(),
                List.of(
                        jdk.resolve("bin/jlink").toString(),
                        "--module-path=" + jdk.resolve("jmods"),
                        "--add-modules=" + String.join(",", MODULES),
                        "--no-header-files",
                        "--no-man-pages",
                        // Layers are compressed as a whole; what is mapped into memory is quickest as it is.
                        "--compress=0",
                        "--output=" + home));
        Files.delete(home.resolve("lib/jrt-fs.jar"));
    }
}
