namespace Polygate.Testing.ApiServer.Access;

/// <summary>Who asks.</summary>
internal sealed record User(string Name, IReadOnlyList<string> Groups)
{
    public static readonly User Anonymous = new("system:anonymous", ["system:unauthenticated"]);

    public bool IsAuthenticated => !Groups.Contains("system:unauthenticated");

    public bool MayEverything => Groups.Contains("system:masters");

    public static User ServiceAccount(string @namespace, string name) => new(
        $"system:serviceaccount:{@namespace}:{name}",
        ["system:serviceaccounts", $"system:serviceaccounts:{@namespace}", "system:authenticated"]);
}
