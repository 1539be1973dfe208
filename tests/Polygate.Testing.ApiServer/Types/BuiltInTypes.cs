namespace Polygate.Testing.ApiServer.Types;

/// <summary>The built-in resources that a gateway meets in a cluster.</summary>
internal static class BuiltInTypes
{
    public static readonly ResourceType Namespaces = Type("", "v1", "namespaces", "Namespace", "ns") with { Namespaced = false, HasStatus = Yes, Subresources = ["finalize"], ReturnsDeletedObject = true };

    public static readonly ResourceType ServiceAccounts =
        Type("", "v1", "serviceaccounts", "ServiceAccount", "sa") with { Subresources = ["token"], ReturnsDeletedObject = true };

    public static readonly ResourceType CustomResourceDefinitions =
        Type("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", "crd", "crds") with
        {
            Namespaced = false,
            HasStatus = Yes,
            HasGeneration = true,
            AllowsUnconditionalUpdate = false,
        };

    public static readonly ResourceType SelfSubjectAccessReviews =
        Type("authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview") with { Namespaced = false, IsVirtual = true };

    public static readonly ResourceType Roles = Type("rbac.authorization.k8s.io", "v1", "roles", "Role");
    public static readonly ResourceType RoleBindings = Type("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding");
    public static readonly ResourceType ClusterRoles = Type("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole") with { Namespaced = false };
    public static readonly ResourceType ClusterRoleBindings = Type("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding") with { Namespaced = false };

    public static IReadOnlyList<ResourceType> All { get; } =
    [
        Namespaces,
        ServiceAccounts,
        Type("", "v1", "services", "Service", "svc") with { HasStatus = Yes, ReturnsDeletedObject = true },
        Type("", "v1", "endpoints", "Endpoints", "ep") with { CreatesOnUpdate = true },
        Type("", "v1", "secrets", "Secret"),
        Type("", "v1", "configmaps", "ConfigMap", "cm"),
        Type("", "v1", "pods", "Pod", "po") with { HasStatus = Yes, HasGeneration = true, ReturnsDeletedObject = true },
        Type("", "v1", "nodes", "Node", "no") with { Namespaced = false, HasStatus = Yes, KeepsStatusOnCreate = true },
        Type("", "v1", "events", "Event", "ev") with { CreatesOnUpdate = true },
        Type("apps", "v1", "deployments", "Deployment", "deploy") with { HasStatus = Yes, HasGeneration = true },
        Type("apps", "v1", "daemonsets", "DaemonSet", "ds") with { HasStatus = Yes, HasGeneration = true },
        Type("apps", "v1", "replicasets", "ReplicaSet", "rs") with { HasStatus = Yes, HasGeneration = true },
        Type("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", "hpa") with { HasStatus = Yes },
        Type("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", "pdb") with { HasStatus = Yes, HasGeneration = true },
        Type("coordination.k8s.io", "v1", "leases", "Lease") with { CreatesOnUpdate = true, AllowsUnconditionalUpdate = false },
        Type("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice") with { HasGeneration = true },
        Type("networking.k8s.io", "v1", "ingresses", "Ingress", "ing") with { HasStatus = Yes, HasGeneration = true },
        Type("networking.k8s.io", "v1", "ingressclasses", "IngressClass") with { Namespaced = false, HasGeneration = true },
        Type("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", "netpol") with { HasGeneration = true },
        Roles,
        RoleBindings,
        ClusterRoles,
        ClusterRoleBindings,
        CustomResourceDefinitions,
        SelfSubjectAccessReviews,
    ];

    private static bool Yes(string version) => true;

    private static ResourceType Type(string group, string version, string plural, string kind, params string[] shortNames) => new()
    {
        Group = group,
        Versions = [version],
        Plural = plural,
        Kind = kind,
        Singular = kind.ToLowerInvariant(),
        ListKind = kind + "List",
        ShortNames = shortNames,
    };
}
