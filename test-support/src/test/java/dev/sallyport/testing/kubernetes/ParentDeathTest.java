package dev.sallyport.testing.kubernetes;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParentDeathTest {
    /** What is killed: a JVM whose cluster was started on a thread that ended since. */
    static final class Parent {
        public static void main(String[] arguments) throws InterruptedException {
            Thread starter = new Thread(() -> {
                KubernetesCluster cluster = KubernetesCluster.shared();
                System.out.println(
                        cluster.etcd().pid() + " " + cluster.apiServer().pid());
            });
            starter.start();
            starter.join();
            new CountDownLatch(1).await();
        }

        private Parent() {}
    }

    @Test
    void noServerOutlivesAJvmThatIsKilled(@TempDir Path directory) throws Exception {
        Process parent = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-Djava.io.tmpdir=" + directory,
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Parent.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader output = parent.inputReader()) {
            List<ProcessHandle> servers = Stream.of(
                            Objects.requireNonNull(output.readLine()).split(" "))
                    .map(pid -> ProcessHandle.of(Long.parseLong(pid)).orElseThrow())
                    .toList();
            assertThat(servers).hasSize(2).allMatch(ProcessHandle::isAlive);
            parent.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
            eventually(() -> assertThat(servers).noneMatch(ProcessHandle::isAlive));
        } finally {
            parent.destroyForcibly();
        }
    }
}
