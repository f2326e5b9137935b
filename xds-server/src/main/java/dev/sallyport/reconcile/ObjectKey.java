package dev.sallyport.reconcile;

import dev.sallyport.policy.PolicyId;
import dev.sallyport.source.kubernetes.ObjectQuery;

/** Which object. */
record ObjectKey(Kind kind, String namespace, String name) {
    /** The kinds that are read and written here. */
    enum Kind {
        ConfigMap("/api/v1", "configmaps"),
        EgressPolicy("/apis/" + ObjectNames.API_VERSION, "egresspolicies"),
        Event("/apis/events.k8s.io/v1", "events"),
        NetworkPolicy("/apis/networking.k8s.io/v1", "networkpolicies"),
        Secret("/api/v1", "secrets"),
        Service("/api/v1", "services");

        private final String group;
        private final String resource;

        Kind(String group, String resource) {
            this.group = group;
            this.resource = resource;
        }

        /** As messages and RBAC name it. */
        String resource() {
            return resource;
        }

        /** All of them. */
        ObjectQuery query() {
            return ObjectQuery.of(group, resource);
        }

        String apiVersion() {
            return group.replaceFirst("^/apis?/", "");
        }
    }

    static ObjectKey policy(PolicyId id) {
        return new ObjectKey(Kind.EgressPolicy, id.namespace(), id.name());
    }

    static ObjectKey trust(PolicyId workload) {
        return new ObjectKey(Kind.ConfigMap, workload.namespace(), ObjectNames.trust(workload));
    }

    static ObjectKey networkPolicy(PolicyId workload) {
        return new ObjectKey(Kind.NetworkPolicy, workload.namespace(), ObjectNames.networkPolicy(workload));
    }

    static ObjectKey service(PolicyId workload) {
        return new ObjectKey(Kind.Service, workload.namespace(), ObjectNames.service(workload));
    }

    /** Of the collection, for what is created. */
    String collectionPath() {
        return kind.group + "/namespaces/" + namespace + "/" + kind.resource;
    }

    String path() {
        return collectionPath() + "/" + name;
    }

    @Override
    public String toString() {
        return kind + " " + namespace + "/" + name;
    }
}
