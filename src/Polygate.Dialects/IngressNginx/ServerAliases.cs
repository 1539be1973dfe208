using Polygate.Dialects.Common;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>server-alias: further names under which the hosts of an Ingress are served, as names or as <c>~</c> and a regular expression.</summary>
internal static class ServerAliases
{
    public static ValueList<HostPattern> Parse(AnnotationReader reader)
    {
        var aliases = new List<HostPattern>();
        foreach (var written in reader.List("server-alias"))
        {
            if (Problem(written) is { } problem)
            {
                reader.UseDefault("server-alias", problem);
            }
            else
            {
                aliases.Add(written[0] == '~' ? HostPattern.Regex(written[1..]) : HostPattern.Parse(written, singleLabel: true));
            }
        }

        return aliases.ToValueList();
    }

    private static string? Problem(string alias) =>
        alias[0] != '~' ? IngressSpecs.HostProblem(alias.ToLowerInvariant())
        : LocationRegex.Check(alias[1..]).Problem is { } problem ? $"\"{alias[1..]}\" is not a regular expression: {problem}"
        : null;
}
