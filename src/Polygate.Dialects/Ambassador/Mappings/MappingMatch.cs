using System.Text.RegularExpressions;
using Polygate.Dialects.Ambassador.Hosts;
using Polygate.Dialects.Common;
using Polygate.Model;

namespace Polygate.Dialects.Ambassador.Mappings;

/// <summary>What a Mapping matches, in the model's terms.</summary>
internal static class MappingMatch
{
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];

    /// <summary>The first regular expression that is not valid; null when all are.</summary>
    public static MappingProblem? Problem(MappingView mapping)
    {
        var spec = mapping.Spec;
        return Check(spec.PrefixRegex == true ? spec.Prefix : null, "prefix")
            ?? Check(mapping.HostIsRegex ? mapping.Hostname : null, "host")
            ?? Check(spec.MethodRegex == true ? spec.Method : null, "method")
            ?? mapping.RequestHeaders.Where(header => header.IsRegex).Select(header => Check(header.Value, "regex_headers")).FirstOrDefault(problem => problem is not null)
            ?? mapping.Queries.Where(query => query.IsRegex).Select(query => Check(query.Value, "regex_query_parameters")).FirstOrDefault(problem => problem is not null)
            ?? Check(spec.RegexRewrite?.Pattern, "regex_rewrite")
            ?? Check(spec.RegexRedirect?.Pattern, "regex_redirect");
    }

    /// <summary>The path of a valid Mapping.</summary>
    public static PathPattern Path(MappingView mapping)
    {
        var ignoreCase = mapping.Spec.CaseSensitive == false;
        if (mapping.Spec.PrefixRegex == true)
        {
            return PathPattern.Regex(Whole(mapping.Prefix), ignoreCase);
        }

        return mapping.Spec.PrefixExact == true
            ? PathPattern.Exact(mapping.Prefix, ignoreCase)
            : PathPattern.StringPrefix(mapping.Prefix, ignoreCase);
    }

    /// <summary>The host a Mapping checks where it is served by a Host; every one when the Host's names all fit.</summary>
    public static HostPattern Host(MappingView mapping, Glob host)
    {
        if (mapping.Hostname is null)
        {
            return HostPattern.Any;
        }

        if (mapping.HostIsRegex)
        {
            return HostPattern.Regex(Whole(mapping.Hostname));
        }

        var own = new Glob(mapping.Hostname);
        return own.Covers(host) ? HostPattern.Any : own.Pattern;
    }

    /// <summary>The conditions of a valid Mapping beside host and path.</summary>
    public static ValueList<MatchCondition> Conditions(MappingView mapping)
    {
        var conditions = new List<MatchCondition>();
        if (mapping.Spec.Method is { Length: > 0 } method)
        {
            conditions.Add(new MethodCondition(mapping.Spec.MethodRegex == true ? MethodsLike(method) : [method]));
        }

        // Envoy compares repeated fields as one list, and the first of repeated query parameters.
        conditions.AddRange(mapping.RequestHeaders.Select(header => new HeaderCondition(header.Name, [Pattern(header)]) { JoinValues = true }));
        conditions.AddRange(mapping.Queries.Select(query => new QueryCondition(query.Name, [Pattern(query)]) { FirstValueOnly = true }));
        return conditions.ToValueList();
    }

    private static TextPattern Pattern(KeyCondition condition) => condition switch
    {
        { IsRegex: true, Value: ".*" } => TextPattern.Present,
        { IsRegex: true } => TextPattern.Regex(Whole(condition.Value)),
        _ => TextPattern.Exact(condition.Value),
    };

    /// <summary>The standard methods that a regular expression fits (RFC 9110 section 9 and RFC 5789).</summary>
    private static ValueList<string> MethodsLike(string pattern)
    {
        var regex = new Regex(Whole(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        return Methods.Where(method => regex.IsMatch(method)).ToValueList();
    }

    private static string Whole(string pattern)
    {
        Re2.TryConvertWhole(pattern, out var converted, out _);
        return converted;
    }

    private static MappingProblem? Check(string? pattern, string field) =>
        pattern is not null && !Re2.TryConvert(pattern, out _, out var problem)
            ? new MappingProblem("invalid-field", $"The regular expression {pattern} is not valid: {problem}", "spec." + field)
            : null;
}
