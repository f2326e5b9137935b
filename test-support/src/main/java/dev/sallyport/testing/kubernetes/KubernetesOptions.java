package dev.sallyport.testing.kubernetes;

import java.util.List;

/**
 * What a test cluster is to be like.
 *
 * @param controllers whether kube-controller-manager runs: garbage collection, Deployments, namespace deletion, default ServiceAccounts
 * @param audit whether every request is written to {@link KubernetesCluster#auditLog}
 * @param signingKey of ServiceAccount tokens
 * @param apiServerArguments further ones, such as {@code --emulated-version=1.34}
 */
public record KubernetesOptions(
        boolean controllers, boolean audit, SigningKey signingKey, List<String> apiServerArguments) {
    /** No controllers, no audit log, tokens signed with RSA. */
    public static final KubernetesOptions DEFAULT = new KubernetesOptions(false, false, SigningKey.RSA, List.of());

    public KubernetesOptions {
        apiServerArguments = List.copyOf(apiServerArguments);
    }

    public KubernetesOptions withControllers() {
        return new KubernetesOptions(true, audit, signingKey, apiServerArguments);
    }

    public KubernetesOptions withAudit() {
        return new KubernetesOptions(controllers, true, signingKey, apiServerArguments);
    }

    public KubernetesOptions withSigningKey(SigningKey key) {
        return new KubernetesOptions(controllers, audit, key, apiServerArguments);
    }

    public KubernetesOptions withApiServerArguments(String... arguments) {
        return new KubernetesOptions(controllers, audit, signingKey, List.of(arguments));
    }
}
