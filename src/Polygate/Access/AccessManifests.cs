using System.Text;
using Polygate.Dialects;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;

namespace Polygate.Access;

/// <summary>Access rules as the YAML that <c>kubectl apply</c> takes.</summary>
internal static class AccessManifests
{
    /// <summary>A list of rules, as it stands under <c>rules</c>.</summary>
    public static string Rules(IEnumerable<AccessRule> rules)
    {
        var text = new StringBuilder();
        foreach (var rule in rules)
        {
            text.Append("- apiGroups: [\"").Append(rule.Group).Append("\"]\n");
            text.Append("  resources: [").AppendJoin(", ", rule.Resources).Append("]\n");
            if (rule.Names.Count > 0)
            {
                text.Append("  resourceNames: [").AppendJoin(", ", rule.Names).Append("]\n");
            }

            text.Append("  verbs: [").AppendJoin(", ", rule.Verbs).Append("]\n");
        }

        return text.ToString();
    }

    /// <summary>
    /// What a ValidatingWebhookConfiguration sends to <c>polygate webhook</c>, as it stands under <c>rules</c>: the dialects' own kinds and
    /// Ingresses. Secrets and the other kinds of Kubernetes itself are never sent.
    /// </summary>
    public static string AdmissionRules(IEnumerable<IDialect> dialects)
    {
        var text = new StringBuilder();
        var types = dialects.SelectMany(dialect => ClusterAccess.Of(dialect).Reads).Distinct()
            .Where(type => type == CoreTypes.Ingress || (!CoreTypes.All.Contains(type) && type.Group != "apiextensions.k8s.io"));
        foreach (var same in types.GroupBy(type => (type.Group, Versions: string.Join(", ", type.Versions))).OrderBy(same => same.Key.Group, StringComparer.Ordinal).ThenBy(same => same.Key.Versions, StringComparer.Ordinal))
        {
            text.Append("- apiGroups: [\"").Append(same.Key.Group).Append("\"]\n");
            text.Append("  apiVersions: [").Append(same.Key.Versions).Append("]\n");
            text.Append("  operations: [CREATE, UPDATE]\n");
            text.Append("  resources: [").AppendJoin(", ", same.Select(type => type.Plural).Order(StringComparer.Ordinal)).Append("]\n");
        }

        return text.ToString();
    }

    /// <summary>For all namespaces: a ClusterRole, and a Role for the election, each bound to the service account.</summary>
    public static string ForCluster(IReadOnlyCollection<AccessRule> rules, string name, string account) =>
        Join(
            Role("ClusterRole", name, null, rules),
            Binding("ClusterRole", name, null, account),
            Role("Role", name, AccountNamespace(account), [AccessRules.Election]),
            Binding("Role", name, AccountNamespace(account), account));

    /// <summary>
    /// For some namespaces: a Role in each, one in the gateway's own for the election and its Service, and a ClusterRole with nothing but the
    /// kinds that have no namespace (classes).
    /// </summary>
    /// <param name="rules">What is allowed.</param>
    /// <param name="namespaces">Where.</param>
    /// <param name="name">The name of roles, bindings, and of the gateway's own Service.</param>
    /// <param name="account">To whom.</param>
    /// <param name="namespacedOnly">Whether the ClusterRole is left out, for a run with <c>--namespaced-only</c>.</param>
    public static string ForNamespaces(IReadOnlyCollection<AccessRule> rules, IEnumerable<string> namespaces, string name, string account, bool namespacedOnly)
    {
        var inNamespaces = rules.Where(rule => !rule.IsClusterScoped).ToList();
        var clusterWide = rules.Where(rule => rule.IsClusterScoped).ToList();
        List<string> documents = [];
        if (clusterWide.Count > 0 && !namespacedOnly)
        {
            documents.Add(Role("ClusterRole", name, null, clusterWide));
            documents.Add(Binding("ClusterRole", name, null, account));
        }

        documents.Add(Role("Role", name + "-own", AccountNamespace(account), [AccessRules.Election, AccessRules.OwnService(name)]));
        documents.Add(Binding("Role", name + "-own", AccountNamespace(account), account));
        foreach (var each in namespaces)
        {
            documents.Add(Role("Role", name, each, inNamespaces));
            documents.Add(Binding("Role", name, each, account));
        }

        return Join([.. documents]);
    }

    private static string Join(params string[] documents) => string.Join("---\n", documents);

    private static string AccountNamespace(string account) => account[..account.IndexOf('/', StringComparison.Ordinal)];

    private static string Role(string kind, string name, string? inNamespace, IEnumerable<AccessRule> rules) =>
        Head(kind, name, inNamespace) + "rules:\n" + Indented(Rules(rules));

    private static string Binding(string kind, string name, string? inNamespace, string account) =>
        Head(kind + "Binding", name, inNamespace)
        + $"roleRef: {{ apiGroup: rbac.authorization.k8s.io, kind: {kind}, name: {name} }}\n"
        + $"subjects: [{{ kind: ServiceAccount, name: {account[(account.IndexOf('/', StringComparison.Ordinal) + 1)..]}, namespace: {AccountNamespace(account)} }}]\n";

    private static string Head(string kind, string name, string? inNamespace) =>
        $"apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata:\n  name: {name}\n"
        + (inNamespace is null ? "" : $"  namespace: {inNamespace}\n")
        + "  labels: { app.kubernetes.io/name: polygate }\n";

    private static string Indented(string text) =>
        string.Concat(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => "  " + line + "\n"));
}
