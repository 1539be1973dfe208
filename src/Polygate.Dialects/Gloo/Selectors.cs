using Polygate.Dialects.Gloo.Resources;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.Gloo;

/// <summary>Label conditions of gateways and delegating routes (Kubernetes' label requirements in Gloo's words).</summary>
internal static class Selectors
{
    /// <summary>Whether all labels are there with these values.</summary>
    public static bool Matches(Resource resource, IReadOnlyDictionary<string, string>? labels) =>
        labels is null || labels.All(pair => resource.Label(pair.Key) == pair.Value);

    /// <summary>Whether all expressions hold.</summary>
    public static bool Matches(Resource resource, IReadOnlyList<LabelExpression>? expressions) =>
        expressions is null || expressions.All(expression => Matches(resource, expression));

    /// <summary>Whether namespaces (none or <c>*</c>: all) name this one.</summary>
    public static bool Includes(IReadOnlyList<string>? namespaces, string ns) =>
        namespaces is not { Count: > 0 } || namespaces.Contains("*") || namespaces.Contains(ns);

    private static bool Matches(Resource resource, LabelExpression expression)
    {
        var label = resource.Label(expression.Key ?? "");
        var values = expression.Values ?? [];
        return OperatorOf(expression) switch
        {
            "Equals" or "DoubleEquals" or "In" => label is not null && values.Contains(label),
            "NotEquals" or "NotIn" => label is null || !values.Contains(label),
            "Exists" => label is not null,
            "DoesNotExist" => label is null,
            "GreaterThan" => Compare(label, values) > 0,
            "LessThan" => Compare(label, values) < 0,
            _ => false,
        };
    }

    private static string OperatorOf(LabelExpression expression)
    {
        ReadOnlySpan<string> names = ["Equals", "DoubleEquals", "NotEquals", "In", "NotIn", "Exists", "DoesNotExist", "GreaterThan", "LessThan"];
        var number = ProtoEnum.Read(expression.Operator, names);
        return number < 0 ? "" : names[number];
    }

    /// <summary>The order of two whole numbers; 0 when either is none.</summary>
    private static int Compare(string? label, IReadOnlyList<string> values) =>
        long.TryParse(label, out var mine) && values.Count == 1 && long.TryParse(values[0], out var bound) ? mine.CompareTo(bound) : 0;
}
