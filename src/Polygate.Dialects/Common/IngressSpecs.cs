using System.Net;
using System.Runtime.CompilerServices;
using k8s.Models;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.Common;

/// <summary>A path of an Ingress rule.</summary>
/// <param name="Path">As written; <c>/</c> when empty.</param>
/// <param name="Exact">Whether its type is <c>Exact</c>; otherwise it is a prefix, also with type <c>ImplementationSpecific</c>.</param>
/// <param name="Backend">What serves it.</param>
/// <param name="Field">The field path.</param>
public sealed record IngressPath(string Path, bool Exact, V1IngressBackend? Backend, string Field)
{
    /// <summary>Whether its type is <c>ImplementationSpecific</c>.</summary>
    public bool IsImplementationSpecific { get; init; }
}

/// <summary>A rule of an Ingress.</summary>
/// <param name="Host">Lower case; empty for every host.</param>
/// <param name="Paths">Empty when the rule has no <c>http</c>: its host goes to the default backend.</param>
/// <param name="Field">The field path.</param>
public sealed record IngressRule(string Host, IReadOnlyList<IngressPath> Paths, string Field);

/// <summary>A field of an Ingress that breaks the rules the API server checks. What it belongs to is left out.</summary>
public sealed record IngressProblem(string Field, string Message);

/// <summary>What an Ingress's rules say.</summary>
public sealed record IngressRules(IReadOnlyList<IngressRule> Rules, IReadOnlyList<IngressProblem> Problems)
{
    /// <summary>The hosts of the rules, each once; empty stands for every host.</summary>
    public IEnumerable<string> Hosts => Rules.Select(rule => rule.Host).Distinct(StringComparer.Ordinal);
}

/// <summary>
/// Reads the rules of an Ingress. Files have not been through an API server, so its checks (Ingress v1 validation) are
/// made here.
/// </summary>
public static class IngressSpecs
{
    // Pure functions of an object that never changes once read; Ingresses that share a host read each other.
    private static readonly ConditionalWeakTable<Resource<V1Ingress>, IngressRules> Known = [];

    public static IngressRules Read(Resource<V1Ingress> ingress) => Known.GetValue(ingress, ReadNew);

    /// <summary>The hosts that a TLS entry is for, lower case: those it names, else those of the rules; empty stands for every host.</summary>
    public static IEnumerable<string> TlsHosts(Resource<V1Ingress> ingress, V1IngressTLS entry) =>
        entry?.Hosts is { Count: > 0 } named ? named.Select(host => (host ?? "").ToLowerInvariant())
        : Read(ingress) is { Rules.Count: > 0 } rules ? rules.Hosts
        : [""];

    /// <summary>What is wrong with a host, or null: a DNS subdomain, possibly with <c>*.</c> before it; no address, no port.</summary>
    public static string? HostProblem(string host)
    {
        if (IPAddress.TryParse(host, out _))
        {
            return $"\"{host}\" is an IP address; a host must be a DNS name.";
        }

        var name = host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host;
        return name.Length is > 0 and <= 253 && name.Split('.').All(IsLabel)
            ? null
            : $"\"{host}\" is not a DNS name such as www.example.com or *.example.com.";
    }

    private static IngressRules ReadNew(Resource<V1Ingress> ingress)
    {
        var problems = new List<IngressProblem>();
        var rules = new List<IngressRule>();
        var written = ingress.Value.Spec?.Rules ?? [];
        for (var i = 0; i < written.Count; i++)
        {
            var field = $"spec.rules[{i}]";
            if (written[i] is null)
            {
                problems.Add(new IngressProblem(field, "The rule is empty."));
                continue;
            }

            var host = (written[i].Host ?? "").ToLowerInvariant();
            if (host.Length > 0 && HostProblem(host) is { } problem)
            {
                problems.Add(new IngressProblem(field + ".host", problem));
                continue;
            }

            rules.Add(new IngressRule(host, ReadPaths(written[i], field, problems), field));
        }

        return new IngressRules(rules, problems);
    }

    private static List<IngressPath> ReadPaths(V1IngressRule rule, string field, List<IngressProblem> problems)
    {
        var paths = new List<IngressPath>();
        var written = rule.Http?.Paths ?? [];
        for (var i = 0; i < written.Count; i++)
        {
            var pathField = $"{field}.http.paths[{i}]";
            if (written[i] is null)
            {
                problems.Add(new IngressProblem(pathField, "The path is empty."));
                continue;
            }

            var path = string.IsNullOrEmpty(written[i].Path) ? "/" : written[i].Path;
            if (PathProblem(path, written[i].PathType) is { } problem)
            {
                problems.Add(new IngressProblem(pathField + problem.Field, problem.Message));
                continue;
            }

            paths.Add(new IngressPath(path, written[i].PathType == "Exact", written[i].Backend, pathField)
            {
                IsImplementationSpecific = written[i].PathType == "ImplementationSpecific",
            });
        }

        return paths;
    }

    private static IngressProblem? PathProblem(string path, string? type)
    {
        if (type is not ("Exact" or "Prefix" or "ImplementationSpecific"))
        {
            return new IngressProblem(".pathType", type is null
                ? "pathType is missing; expected Exact, Prefix or ImplementationSpecific."
                : $"\"{type}\" is not a path type; expected Exact, Prefix or ImplementationSpecific.");
        }

        if (path[0] != '/')
        {
            return new IngressProblem(".path", $"\"{path}\" does not start with a slash.");
        }

        if (type == "ImplementationSpecific")
        {
            return null;
        }

        return Forbidden.FirstOrDefault(part => path.Contains(part, StringComparison.OrdinalIgnoreCase)) is { } forbidden
            ? new IngressProblem(".path", $"\"{path}\" must not contain {forbidden}.")
            : path.EndsWith("/.", StringComparison.Ordinal) || path.EndsWith("/..", StringComparison.Ordinal)
                ? new IngressProblem(".path", $"\"{path}\" must not end with a dot segment.")
                : null;
    }

    private static readonly string[] Forbidden = ["//", "/./", "/../", "%2f"];

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= 63
        && label[0] != '-'
        && label[^1] != '-'
        && label.All(character => char.IsAsciiLetterOrDigit(character) || character == '-');
}
