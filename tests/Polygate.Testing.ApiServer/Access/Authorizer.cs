using System.Text.Json.Nodes;
using Polygate.Testing.ApiServer.Store;
using Polygate.Testing.ApiServer.Types;

namespace Polygate.Testing.ApiServer.Access;

/// <summary>What is asked for, in RBAC's terms. <paramref name="Resource"/> has the subresource with a slash.</summary>
internal sealed record Attributes(string Verb, string Group, string Resource, string Namespace, string Name);

/// <summary>Role-based access control by the Roles, ClusterRoles and bindings that are in the store.</summary>
internal sealed class Authorizer
{
    private readonly ObjectStore store;

    public Authorizer(ObjectStore store)
    {
        this.store = store;
    }

    public bool Allows(User user, Attributes wanted) =>
        user.MayEverything
        || (user.IsAuthenticated && wanted is { Group: "authorization.k8s.io", Resource: "selfsubjectaccessreviews", Verb: "create" })
        || Rules(user, wanted.Namespace).Any(rule => Grants(rule, wanted));

    private IEnumerable<JsonObject> Rules(User user, string @namespace)
    {
        foreach (var binding in Bound(BuiltInTypes.ClusterRoleBindings, "", user))
        {
            foreach (var rule in RulesOf(binding, ""))
            {
                yield return rule;
            }
        }

        if (@namespace.Length > 0)
        {
            foreach (var rule in Bound(BuiltInTypes.RoleBindings, @namespace, user).SelectMany(binding => RulesOf(binding, @namespace)))
            {
                yield return rule;
            }
        }
    }

    private IEnumerable<JsonObject> Bound(ResourceType bindings, string @namespace, User user) =>
        store.Snapshot(bindings.Id).Objects
            .Where(binding => binding.Namespace == @namespace)
            .Select(binding => binding.Read())
            .Where(binding => Items(binding["subjects"]).Any(subject => Is(subject, user, @namespace)));

    private IEnumerable<JsonObject> RulesOf(JsonObject binding, string @namespace)
    {
        var name = (string?)binding["roleRef"]?["name"] ?? "";
        var role = (string?)binding["roleRef"]?["kind"] == "Role"
            ? store.Find(BuiltInTypes.Roles.Id, @namespace, name)
            : store.Find(BuiltInTypes.ClusterRoles.Id, "", name);
        return Items(role?.Read()["rules"]);
    }

    private static bool Is(JsonObject subject, User user, string bindingNamespace) => ((string?)subject["kind"], (string?)subject["name"]) switch
    {
        ("User", var name) => name == user.Name,
        ("Group", var name) => user.Groups.Contains(name),
        ("ServiceAccount", var name) => user.Name == $"system:serviceaccount:{(string?)subject["namespace"] ?? bindingNamespace}:{name}",
        _ => false,
    };

    private static bool Grants(JsonObject rule, Attributes wanted) =>
        Has(rule["verbs"], wanted.Verb) && Has(rule["apiGroups"], wanted.Group)
        && (Has(rule["resources"], wanted.Resource)
            || (wanted.Resource.Split('/') is [_, var sub] && Has(rule["resources"], $"*/{sub}")))
        && (rule["resourceNames"] is not JsonArray { Count: > 0 } names || names.Any(name => (string?)name == wanted.Name));

    private static bool Has(JsonNode? list, string value) => (list as JsonArray ?? []).Any(item => (string?)item is { } one && (one == "*" || one == value));

    private static IEnumerable<JsonObject> Items(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonObject>();
}
