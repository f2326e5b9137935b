package dev.sallyport.e2e;

import static dev.sallyport.testing.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testing.kubernetes.ApiReply;
import dev.sallyport.testing.kubernetes.KubernetesOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code bench/start-up} runs: from the start of the process to ready, with a full API server. No test: the build compiles it and does not run it. */
class StartUpBench {
    private static final int POLICIES = Integer.getInteger("bench.policies", 1_000);
    private static final int PODS = Integer.getInteger("bench.pods", 2_000);
    private static final int STARTS = Integer.getInteger("bench.starts", 5);
    private static final int HOSTS = 5;
    private static final int PER_NAMESPACE = 50;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    private Path directory;

    private final List<String> lines = new ArrayList<>();

    @Test
    void measures() throws Exception {
        try (Cluster cluster = Cluster.start(directory, KubernetesOptions.DEFAULT)) {
            cluster.apply("""
                    {apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: sallyport-secret-reader},
                     roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: sallyport-secret-reader},
                     subjects: [{kind: ServiceAccount, name: sallyport-xds-server, namespace: sallyport-system}]}
                    """);
            fill(cluster);
            List<Sample> with = new ArrayList<>();
            List<Sample> without = new ArrayList<>();
            for (int start = 0; start < STARTS; start++) {
                with.add(sample(cluster, true));
                without.add(sample(cluster, false));
            }
            say("with the class-data archive", with);
            say("without", without);
        }
        Files.write(Path.of(System.getProperty("bench.output", "target/start-up-bench.txt")), lines);
    }

    /**
     * One start.
     *
     * @param cpu seconds of CPU time until it was ready, of all its threads
     * @param heap in use when it is ready, with what was not collected yet
     * @param resident of the process then
     */
    private record Sample(double seconds, double cpu, double heap, double resident) {}

    private Sample sample(Cluster cluster, boolean archive) throws Exception {
        long start = System.nanoTime();
        try (XdsServerProcess server = cluster.launchBuilt("xds-a", archive)) {
            within(
                    PATIENCE,
                    () -> assertThat(server.readiness()).as(server.log()).startsWith("200"));
            double seconds = (System.nanoTime() - start) / 1e9;
            Sample sample = new Sample(seconds, server.cpuSeconds(), server.heap() / 1e6, server.resident() / 1e6);
            server.terminate();
            return sample;
        }
    }

    private void say(String what, List<Sample> samples) {
        lines.add(String.format(
                Locale.ROOT,
                "%-30s %6.2f s  CPU %5.2f s  heap %5.0f MB  resident %5.0f MB   samples: %s",
                what,
                median(samples.stream().map(Sample::seconds).toList()),
                median(samples.stream().map(Sample::cpu).toList()),
                median(samples.stream().map(Sample::heap).toList()),
                median(samples.stream().map(Sample::resident).toList()),
                String.join(
                        " ",
                        samples.stream()
                                .map(sample -> String.format(Locale.ROOT, "%.2f", sample.seconds()))
                                .toList())));
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElse(0.0);
    }

    private static void fill(Cluster cluster) throws Exception {
        int namespaces = (POLICIES + PER_NAMESPACE - 1) / PER_NAMESPACE;
        all(IntStream.range(0, namespaces), i -> {
            create(
                    cluster,
                    "/api/v1/namespaces",
                    "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"n" + i + "\"}}");
            create(
                    cluster,
                    "/api/v1/namespaces/n" + i + "/serviceaccounts",
                    "{\"apiVersion\":\"v1\",\"kind\":\"ServiceAccount\",\"metadata\":{\"name\":\"default\"}}");
        });
        all(
                IntStream.range(0, POLICIES * HOSTS),
                i -> create(
                        cluster,
                        "/api/v1/namespaces/n" + i / HOSTS / PER_NAMESPACE + "/secrets",
                        "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"s" + i
                                + "\"},\"data\":{\"token\":\""
                                + Base64.getEncoder()
                                        .encodeToString(("sk-" + i).getBytes(java.nio.charset.StandardCharsets.UTF_8))
                                + "\"}}"));
        all(
                IntStream.range(0, POLICIES),
                i -> create(
                        cluster,
                        "/apis/sallyport.dev/v1alpha1/namespaces/n" + i / PER_NAMESPACE + "/egresspolicies",
                        policy(i)));
        all(
                IntStream.range(0, PODS),
                i -> create(cluster, "/api/v1/namespaces/n" + i % POLICIES / PER_NAMESPACE + "/pods", """
                {"apiVersion":"v1","kind":"Pod","metadata":{"name":"pod%d","labels":{"sallyport.dev/policy":"p%d"}},
                 "spec":{"containers":[{"name":"app","image":"app"}],"initContainers":[{"name":"sallyport","image":"envoy","restartPolicy":"Always"}]}}
                """.formatted(
                                i, i % POLICIES)));
    }

    private static String policy(int i) {
        String hosts = String.join(
                ",",
                IntStream.range(0, HOSTS)
                        .mapToObj(host -> "{\"host\":\"h" + host + ".w" + i
                                + ".example.com\",\"credentials\":[{\"header\":\"x-api-key\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"s"
                                + (i * HOSTS + host) + "\",\"key\":\"token\"}}}]}")
                        .toList());
        return "{\"apiVersion\":\"sallyport.dev/v1alpha1\",\"kind\":\"EgressPolicy\",\"metadata\":{\"name\":\"p" + i
                + "\"},\"spec\":{\"hosts\":[" + hosts + "]}}";
    }

    private interface Creation {
        void create(int number) throws IOException;
    }

    private static void all(IntStream numbers, Creation creation) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(8);
        try {
            List<Future<?>> results = new ArrayList<>();
            numbers.forEach(number -> results.add(pool.submit(() -> {
                creation.create(number);
                return null;
            })));
            for (Future<?> result : results) {
                result.get();
            }
        } finally {
            pool.shutdownNow();
        }
    }

    private static void create(Cluster cluster, String path, String json) {
        ApiReply reply = cluster.kubernetes().send("POST", path, "application/json", json);
        assertThat(reply.status()).as(reply.body()).isEqualTo(201);
    }
}
