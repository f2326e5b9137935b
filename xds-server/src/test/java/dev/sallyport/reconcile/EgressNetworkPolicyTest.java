package dev.sallyport.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.Access;
import dev.sallyport.policy.EgressPolicy;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.PolicyParser;
import dev.sallyport.settings.ClusterSettings;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class EgressNetworkPolicyTest {
    private static final PolicyId ID = new PolicyId("agents", "p");

    private static final String ANYWHERE = """
            - ipBlock:
                cidr: 0.0.0.0/0
                except:
                - 100.100.100.200/32
                - 168.63.129.16/32
                - 169.254.0.0/16
            - ipBlock:
                cidr: ::/0
                except:
                - fd00:ec2::254/128
                - fe80::/10
            """.indent(4);

    private final EgressNetworkPolicy policies = new EgressNetworkPolicy(ClusterSettings.DEFAULT);

    @Test
    @DisplayName(
            "K8S-01 Restricted: DNS, the policy's ports to anywhere but link-local and metadata, the control plane")
    void restrictedReachesResolversThePortsOfItsHostsAndTheControlPlane() {
        NetworkPolicy made = policies.of(policy("""
                spec:
                  hosts:
                  - {host: a.example.com, ports: [8443, 443]}
                  - {host: "*.b.example.com"}
                  - {host: x.b.example.com, action: Deny}
                """));
        assertThat(yaml(made)).isEqualTo("""
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata:
                  labels:
                    app.kubernetes.io/managed-by: sallyport
                    sallyport.dev/policy: p
                  name: sallyport-p
                  namespace: agents
                spec:
                  egress:
                  - ports:
                    - port: 53
                      protocol: UDP
                    - port: 53
                      protocol: TCP
                    to:
                    - namespaceSelector:
                        matchLabels:
                          kubernetes.io/metadata.name: kube-system
                      podSelector:
                        matchLabels:
                          k8s-app: kube-dns
                  - ports:
                    - port: 443
                      protocol: TCP
                    - port: 8443
                      protocol: TCP
                    to:
                """ + ANYWHERE + """
                  - ports:
                    - port: 18000
                      protocol: TCP
                    to:
                    - namespaceSelector:
                        matchLabels:
                          kubernetes.io/metadata.name: sallyport-system
                      podSelector:
                        matchLabels:
                          app.kubernetes.io/name: sallyport-xds-server
                  podSelector:
                    matchLabels:
                      sallyport.dev/policy: p
                  policyTypes:
                  - Egress
                """);
        assertThat(made.getMetadata().getOwnerReferences()).isEmpty();
    }

    @Test
    void portsThatHostsArePinnedToAreOpenAndSoAreTheClustersResolvers() {
        ClusterSettings settings = ClusterSettings.DEFAULT.withResolvers(List.of("169.254.20.10", "fd00::53"));
        NetworkPolicy made = new EgressNetworkPolicy(settings)
                .of(policy("spec: {hosts: [{host: a.example.com, resolveTo: ['10.0.0.7:9443', 10.0.0.8]}]}"));
        assertThat(yaml(made))
                .contains("- port: 443\n", "- port: 9443\n")
                .contains("cidr: 169.254.20.10/32", "cidr: fd00::53/128");
    }

    @Test
    @DisplayName("K8S-02 None: nothing, DNS neither")
    void noneReachesNothing() {
        NetworkPolicy made = policies.of(policy("spec: {access: None}"));
        assertThat(made.getSpec().getPolicyTypes()).containsExactly("Egress");
        assertThat(made.getSpec().getEgress()).isEmpty();
    }

    @Test
    @DisplayName("K8S-03 Unrestricted: everything but link-local and metadata")
    void unrestrictedReachesEverythingButLinkLocalAndMetadata() {
        NetworkPolicy made = policies.of(policy("spec: {access: Unrestricted}"));
        assertThat(yaml(made)).contains("  egress:\n  - to:\n" + ANYWHERE + "  podSelector:");
    }

    @Test
    @DisplayName("K8S-05 without a policy in force the sidecars stay in touch, and nothing else gets out")
    void aWorkloadWithoutAPolicyIsClosed() {
        assertThat(yaml(policies.closed(ID, Access.Restricted)))
                .contains("port: 53", "port: 18000")
                .doesNotContain("443", "0.0.0.0/0", "::/0");
        for (Access access : List.of(Access.None, Access.Unrestricted)) {
            assertThat(policies.closed(ID, access).getSpec().getEgress()).isEmpty();
        }
    }

    private static String yaml(NetworkPolicy made) {
        return Serialization.asYaml(made).replaceFirst("^---\n", "").replace("\"", "");
    }

    private static EgressPolicy policy(String spec) {
        String head =
                "apiVersion: sallyport.dev/v1alpha1\nkind: EgressPolicy\nmetadata: {name: p, namespace: agents}\n";
        return PolicyParser.parse("test", head + spec)
                .policies()
                .get(0)
                .policy()
                .orElseThrow();
    }
}
