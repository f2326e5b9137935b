package dev.sallyport.webhook;

/** AdmissionReviews as an API server sends them. */
final class Reviews {
    static final String POD = """
            {"apiVersion": "v1", "kind": "Pod",
             "metadata": {"generateName": "coder-", "namespace": "agents", "creationTimestamp": null,
                          "labels": {"sallyport.dev/policy": "coder"}},
             "spec": {"containers": [{"name": "app", "image": "app:1"}]}}
            """;

    static String create(String pod) {
        return of("CREATE", pod, "");
    }

    /** With {@code more} fields in the request, each with a comma behind it. */
    static String of(String operation, String object, String more) {
        return """
                {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",
                 "request": {"uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
                   "kind": {"group": "", "version": "v1", "kind": "Pod"},
                   "resource": {"group": "", "version": "v1", "resource": "pods"},
                   "namespace": "agents", %s
                   "operation": "%s",
                   "userInfo": {"username": "system:serviceaccount:kube-system:replicaset-controller"},
                   "object": %s,
                   "oldObject": null, "dryRun": false,
                   "options": {"kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1"}}}
                """.formatted(more, operation, object);
    }

    private Reviews() {}
}
