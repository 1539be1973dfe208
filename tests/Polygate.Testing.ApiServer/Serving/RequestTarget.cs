namespace Polygate.Testing.ApiServer.Serving;

/// <summary>What a resource path is about: <c>/api/v1/namespaces/N/services/X/status</c> or <c>/apis/G/V/plural/X</c>.</summary>
internal sealed record RequestTarget(string Group, string Version, string Namespace, string Plural, string Name, string Subresource)
{
    /// <summary>Null for paths above resources.</summary>
    public static RequestTarget? Parse(string path)
    {
        var steps = path.Trim('/').Split('/');
        var (group, version, rest) = steps switch
        {
            ["api", var v, _, ..] => ("", v, steps[2..]),
            ["apis", var g, var v, _, ..] => (g, v, steps[3..]),
            _ => ("", "", []),
        };
        return rest switch
        {
            [] => null,
            ["namespaces", var name, "status" or "finalize"] when group.Length == 0 => new(group, version, "", "namespaces", name, rest[2]),
            ["namespaces", var scope, var plural] => new(group, version, scope, plural, "", ""),
            ["namespaces", var scope, var plural, var name] => new(group, version, scope, plural, name, ""),
            ["namespaces", var scope, var plural, var name, var sub] => new(group, version, scope, plural, name, sub),
            [var plural] => new(group, version, "", plural, "", ""),
            [var plural, var name] => new(group, version, "", plural, name, ""),
            [var plural, var name, var sub] => new(group, version, "", plural, name, sub),
            _ => null,
        };
    }
}
