using System.Text.RegularExpressions;
using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Model;

namespace Polygate.Dialects.GatewayApi.Rules;

/// <summary>Reads the rules of GRPCRoutes: a call's path is <c>/service/method</c>.</summary>
internal static class GrpcRules
{
    private const string AnyElement = "[^/]+";

    private static readonly GRPCRouteMatch Everything = new();

    private static readonly string[] FilterTypes = ["RequestHeaderModifier", "ResponseHeaderModifier", "RequestMirror", "ExtensionRef"];

    public static IReadOnlyList<RuleView> Read(GRPCRouteSpec spec) => (spec.Rules ?? []).Select(Read).ToArray();

    private static RuleView Read(GRPCRouteRule rule, int index)
    {
        var field = $"spec.rules[{index}]";
        var common = Common(rule);
        var problem = MatchProblem(MatchesOf(rule), field) ?? RuleChecks.Problem(common, field, FilterTypes);
        return new GrpcRuleView(rule, index, common, problem);
    }

    private static IReadOnlyList<GRPCRouteMatch> MatchesOf(GRPCRouteRule rule) => rule.Matches is { Count: > 0 } named ? named : [Everything];

    private sealed record GrpcRuleView(GRPCRouteRule Own, int Index, HTTPRouteRule Rule, Problem? Problem) : RuleView(Index, Rule, Problem)
    {
        protected override IEnumerable<RuleMatch> ReadMatches() => MatchesOf(Own).Select(Translate);
    }

    private static Problem? MatchProblem(IReadOnlyList<GRPCRouteMatch> matches, string field)
    {
        for (var i = 0; i < matches.Count; i++)
        {
            var at = $"{field}.matches[{i}]";
            if ((MethodProblem(matches[i].Method, at + ".method") ?? RuleChecks.ValueProblem(matches[i].Headers, at + ".headers", headers: true)) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private static Problem? MethodProblem(GRPCMethodMatch? match, string field)
    {
        if (match?.Type is not (null or "Exact" or "RegularExpression"))
        {
            return new Problem("UnsupportedValue", $"\"{match.Type}\" is not Exact or RegularExpression.", field + ".type");
        }

        foreach (var (name, value) in new[] { ("service", match?.Service), ("method", match?.Method) })
        {
            if (string.IsNullOrEmpty(value))
            {
                continue;
            }

            var problem = match!.Type == "RegularExpression" ? Patterns.Problem(value)
                : value.Contains('/') ? $"The {name} \"{value}\" contains a slash." : null;
            if (problem is not null)
            {
                return new Problem("UnsupportedValue", problem, $"{field}.{name}");
            }
        }

        return null;
    }

    private static RuleMatch Translate(GRPCRouteMatch match)
    {
        var headers = HttpRules.DistinctNames(match.Headers, StringComparer.OrdinalIgnoreCase);
        return new RuleMatch(
            Path(match.Method),
            headers.Select(HttpRules.Header).ToValueList(),
            Precedence.GrpcOrder(match.Method, headers.Count));
    }

    private static PathPattern Path(GRPCMethodMatch? match)
    {
        var service = string.IsNullOrEmpty(match?.Service) ? null : match.Service;
        var method = string.IsNullOrEmpty(match?.Method) ? null : match.Method;
        return (match?.Type == "RegularExpression", service, method) switch
        {
            (_, null, null) => PathPattern.ElementPrefix("/"),
            (true, _, _) => PathPattern.Regex($"^/(?:{service ?? AnyElement})/(?:{method ?? AnyElement})$"),
            (_, not null, not null) => PathPattern.Exact($"/{service}/{method}"),
            (_, not null, null) => PathPattern.ElementPrefix("/" + service),
            _ => PathPattern.Regex($"^/{AnyElement}/{Regex.Escape(method!)}$"),
        };
    }

    private static HTTPRouteRule Common(GRPCRouteRule rule) => new()
    {
        Name = rule.Name,
        Filters = Common(rule.Filters),
        BackendRefs = rule.BackendRefs is null ? null : [.. rule.BackendRefs.Select(Common)],
        SessionPersistence = rule.SessionPersistence,
    };

    private static HTTPBackendRef Common(GRPCBackendRef backend) => new()
    {
        Group = backend.Group,
        Kind = backend.Kind,
        Name = backend.Name,
        Namespace = backend.Namespace,
        Port = backend.Port,
        Weight = backend.Weight,
        Filters = Common(backend.Filters),
    };

    private static IReadOnlyList<HTTPRouteFilter>? Common(IReadOnlyList<GRPCRouteFilter>? filters) =>
        filters is null ? null : [.. filters.Select(filter => new HTTPRouteFilter
        {
            Type = filter.Type,
            RequestHeaderModifier = filter.RequestHeaderModifier,
            ResponseHeaderModifier = filter.ResponseHeaderModifier,
            RequestMirror = filter.RequestMirror,
            ExtensionRef = filter.ExtensionRef,
        })];
}
