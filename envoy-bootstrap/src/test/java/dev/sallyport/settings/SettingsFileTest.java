package dev.sallyport.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsFileTest {
    private static final Path DOCUMENTATION = Path.of("..", "docs", "SETTINGS.md");

    @TempDir
    Path directory;

    @Test
    void aFileThatDoesNotExistLeavesEveryDefault() throws IOException {
        assertThat(SettingsFile.read(directory.resolve("settings.yaml"))).isEqualTo(ClusterSettings.DEFAULT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "# nothing yet\n", "---\n", "{}", "images: {}", "controlPlane: {}", "sidecarResources: {}"})
    void whatIsNotSaidHasItsDefault(String yaml) throws SettingsException {
        assertThat(parse(yaml)).isEqualTo(ClusterSettings.DEFAULT);
    }

    @Test
    void everyFieldIsRead() throws IOException {
        Path file = directory.resolve("settings.yaml");
        Files.writeString(file, """
            resolvers: [10.96.0.10, "FD00::000A"]
            dns:
              namespace: dns
              podLabels: {app: unbound, example.com/zone: ""}
            controlPlane:
              namespace: control
              podLabels: {app: xds}
              address: xds.example.com
              port: 19000
            noProxy: [kubernetes.default.svc, .corp.example, 10.96.0.1]
            clusterCidrs: [10.96.0.0/12, fd00::/108]
            images:
              sidecar: registry.example:5000/team/envoy:v1.40.0
              netInit: sallyport-net@sha256:%s
              pullPolicy: Always
              pullSecrets: [registry.example]
            sidecarResources:
              requests: {cpu: 0.5, memory: 128Mi}
              limits: {cpu: 1, memory: 1Gi}
            """.formatted("ab".repeat(32)));
        ClusterSettings settings = SettingsFile.read(file);
        assertThat(settings.resolvers()).containsExactly("10.96.0.10", "fd00::a");
        assertThat(settings.dns().namespace()).isEqualTo("dns");
        assertThat(settings.dns().labels()).containsEntry("app", "unbound").containsEntry("example.com/zone", "");
        assertThat(settings.controlPlane().pods().namespace()).isEqualTo("control");
        assertThat(settings.controlPlane().pods().labels()).containsOnlyKeys("app");
        assertThat(settings.controlPlane().address()).isEqualTo("xds.example.com");
        assertThat(settings.controlPlane().port()).isEqualTo(19_000);
        assertThat(settings.direct())
                .containsExactly("kubernetes.default.svc", ".corp.example", "10.96.0.1", "10.96.0.0/12", "fd00::/108");
        assertThat(settings.images().sidecar()).isEqualTo("registry.example:5000/team/envoy:v1.40.0");
        assertThat(settings.images().netInit()).endsWith("ab".repeat(32));
        assertThat(settings.images().pullPolicy()).isEqualTo(ClusterSettings.PullPolicy.Always);
        assertThat(settings.images().pullSecrets()).containsExactly("registry.example");
        assertThat(settings.sidecarResources().requests()).hasToString("{cpu=0.5, memory=128Mi}");
        assertThat(settings.sidecarResources().limits()).hasToString("{cpu=1, memory=1Gi}");
    }

    @Test
    void theControlPlanesAddressFollowsItsNamespaceAndALimitCanBeTakenAway() throws SettingsException {
        ClusterSettings settings = parse("""
            controlPlane: {namespace: elsewhere}
            sidecarResources: {limits: {}}
            """);
        assertThat(settings.controlPlane().address()).isEqualTo("sallyport-xds.elsewhere.svc");
        assertThat(settings.controlPlane().pods().labels())
                .isEqualTo(ClusterSettings.DEFAULT.controlPlane().pods().labels());
        assertThat(settings.sidecarResources().limits()).isEmpty();
        assertThat(settings.sidecarResources().requests())
                .isEqualTo(ClusterSettings.DEFAULT.sidecarResources().requests());
    }

    @Test
    void allErrorsAreToldAtOnceEachWithFileLinePathAndWhatWasExpected() {
        assertThatThrownBy(() -> parse("""
            resolver: [10.96.0.10]
            dns: {namespace: Kube_System, podLabels: {}}
            controlPlane: {port: "18000", address: 10.0.0.1}
            noProxy: ["*"]
            clusterCidrs: [10.96.0.1/12]
            clusterCidrs: [10.0.0.0/8]
            images: {sidecar: envoy, pullPolicy: always}
            """))
                .isInstanceOf(SettingsException.class)
                .hasMessage("""
                        f.yaml:1: settings resolver: unknown field; did you mean resolvers?
                        f.yaml:2: settings dns.namespace: found "Kube_System", expected a DNS label: at most 63 of a-z, 0-9 and -, with a letter or digit at both ends
                        f.yaml:2: settings dns.podLabels: found none, expected a map of at least one label and its value
                        f.yaml:3: settings controlPlane.address: found "10.0.0.1", expected a DNS name, such as sallyport-xds.sallyport-system.svc
                        f.yaml:3: settings controlPlane.port: found "18000", expected an integer from 1 to 65535 without quotes
                        f.yaml:4: settings noProxy[0]: found "*", expected a host name, .suffix or IP address, such as kubernetes.default.svc, .corp.example or 10.96.0.1
                        f.yaml:5: settings clusterCidrs[0]: found "10.96.0.1/12", expected an address range without bits behind its prefix, such as 10.96.0.0/12 or fd00::/108
                        f.yaml:6: settings clusterCidrs: duplicate key, the first one is in line 5
                        f.yaml:7: settings images.pullPolicy: found "always", expected one of Always, IfNotPresent, Never
                        f.yaml:7: settings images.sidecar: found "envoy", expected an image with a tag or digest, such as registry.example/team/envoy:v1.40.0 or NAME@sha256:HASH""");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        resolvers: 10.96.0.10                             | resolvers: found "10.96.0.10", expected a list of IP addresses
        resolvers: [127.0.0.53]                           | resolvers[0]: found "127.0.0.53", expected the IP address of a resolver
        resolvers: ["::1"]                                | resolvers[0]: found "::1", expected
        resolvers: [dns.example.com]                      | resolvers[0]: found "dns.example.com", expected
        resolvers: [10.0.0.1, 10.0.0.1]                   | resolvers[1]: found 10.0.0.1 a second time
        dns: kube-dns                                     | dns: found a string, expected a map
        dns: {podLabels: {a b: c}}                        | dns.podLabels.a b: found a key that is no label
        dns: {podLabels: {a: 1}}                          | dns.podLabels.a: found 1, expected a string (put it in quotes)
        dns: {podLabels: {a: -b}}                         | dns.podLabels.a: found "-b", expected the value of a label
        controlPlane: {port: 0}                           | controlPlane.port: found 0, expected an integer from 1 to 65535
        controlPlane: {port: 65536}                       | controlPlane.port: found 65536, expected
        noProxy: ["10.0.0.0/8"]                           | noProxy[0]: found "10.0.0.0/8", expected a host name
        noProxy: ["a.example,b.example"]                  | noProxy[0]: found
        clusterCidrs: [0.0.0.0/0]                         | clusterCidrs[0]: found "0.0.0.0/0", expected
        clusterCidrs: [10.0.0.0/33]                       | clusterCidrs[0]: found
        clusterCidrs: ["fd00::1/64"]                      | clusterCidrs[0]: found
        clusterCidrs: ["::ffff:10.0.0.0/104"]             | clusterCidrs[0]: found
        clusterCidrs: [10.0.0.0]                          | clusterCidrs[0]: found
        images: {netInit: "a:b c"}                        | images.netInit: found "a:b c", expected an image with a tag or digest
        images: {netInit: "registry.example:5000/a"}      | images.netInit: found
        images: {netInit: "a@sha256:12"}                  | images.netInit: found
        images: {pullSecrets: [A]}                        | images.pullSecrets[0]: found "A", expected a DNS subdomain
        sidecarResources: {requests: {cpu: 0}}            | sidecarResources.requests.cpu: found 0, expected a quantity of CPU above 0
        sidecarResources: {requests: {cpu: 0.5m}}         | sidecarResources.requests.cpu: found "0.5m", expected
        sidecarResources: {requests: {cpu: -1}}           | sidecarResources.requests.cpu: found -1, expected
        sidecarResources: {limits: {memory: 64MB}}        | sidecarResources.limits.memory: found "64MB", expected a quantity of memory above 0
        sidecarResources: {limits: {memory: 1.5Gi}}       | sidecarResources.limits.memory: found "1.5Gi", expected
        sidecarResources: {limits: {disk: 1Gi}}           | sidecarResources.limits.disk: unknown field
        sidecarResources: {limits: {memory: 32Mi}}        | sidecarResources: found a request of 64Mi memory above the limit of 32Mi
        sidecarResources: {requests: {cpu: 2}, limits: {cpu: 1500m}} | sidecarResources: found a request of 2 cpu above the limit of 1500m
        [10.0.0.1]                                        | found a list, expected a map of fields
        """)
    void whatHasNoMeaningIsAnError(String yaml, String error) {
        assertThatThrownBy(() -> parse(yaml))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("f.yaml:1: settings")
                .hasMessageContaining(error);
    }

    @Test
    void aSecondDocumentABrokenOneAndOneTooManyElementsAreErrors() {
        assertThatThrownBy(() -> parse("noProxy: [a]\n---\nnoProxy: [b]\n"))
                .hasMessage("f.yaml:3: settings: found a second document, expected one");
        assertThatThrownBy(() -> parse("noProxy: [a\nimages: {\n")).hasMessageContaining("f.yaml:");
        String many = IntStream.range(0, 101).mapToObj(i -> "h" + i).collect(Collectors.joining(", "));
        assertThatThrownBy(() -> parse("noProxy: [" + many + "]"))
                .hasMessage("f.yaml:1: settings noProxy[100]: found 101 elements in the list, expected at most 100");
    }

    @Test
    void whatCannotBeReadIsAnErrorAndNotTheDefaults() throws IOException {
        assertThatThrownBy(() -> SettingsFile.read(directory)).hasMessageContaining("cannot be read");
        Path latin = directory.resolve("latin");
        Files.write(latin, "noProxy: [é]".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> SettingsFile.read(latin)).hasMessageContaining("not UTF-8");
        Path large = directory.resolve("large");
        Files.writeString(large, "#".repeat((1 << 20) + 1));
        assertThatThrownBy(() -> SettingsFile.read(large)).hasMessageContaining("longer than 1 MiB");
    }

    @Test
    void theDocumentationNamesEveryFieldAndItsExampleSaysTheDefaults() throws IOException {
        String text = Files.readString(DOCUMENTATION);
        List<String> rows = Pattern.compile("(?m)^\\| `([^`]+)`")
                .matcher(text)
                .results()
                .map(row -> row.group(1))
                .toList();
        assertThat(rows)
                .containsExactly(
                        "resolvers",
                        "dns.namespace",
                        "dns.podLabels",
                        "controlPlane.namespace",
                        "controlPlane.podLabels",
                        "controlPlane.address",
                        "controlPlane.port",
                        "noProxy",
                        "clusterCidrs",
                        "images.sidecar",
                        "images.netInit",
                        "images.pullPolicy",
                        "images.pullSecrets",
                        "sidecarResources.requests",
                        "sidecarResources.limits");
        Matcher example = Pattern.compile("(?s)```yaml\n(.*?)```").matcher(text);
        assertThat(example.find()).isTrue();
        assertThat(parse(example.group(1))).isEqualTo(ClusterSettings.DEFAULT);
    }

    private static ClusterSettings parse(String yaml) throws SettingsException {
        return SettingsFile.parse("f.yaml", yaml);
    }
}
