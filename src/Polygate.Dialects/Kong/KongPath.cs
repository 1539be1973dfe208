using System.Buffers;
using Polygate.Dialects.Common;
using Polygate.Model;

namespace Polygate.Dialects.Kong;

/// <summary>A path of a Kong route: a text prefix, or a regular expression that is anchored at the start.</summary>
/// <param name="Pattern">What is compared.</param>
/// <param name="Regex">The expression without its anchor; null for a prefix.</param>
internal sealed record KongPath(PathPattern Pattern, string? Regex)
{
    private static readonly SearchValues<char> Special = SearchValues.Create("\\.+*?()|[]{}^$");

    public bool IsRegex => Regex is not null;

    /// <summary>
    /// The paths that the ingress controller makes of an Ingress path: <c>Prefix</c> becomes a prefix that ends with a slash and an
    /// expression for the path itself, <c>Exact</c> an expression, <c>ImplementationSpecific</c> a text prefix. The text is not escaped in
    /// expressions. A leading <c>/~</c> (or the prefix that the annotation <c>regex-prefix</c> names) makes an expression of any of them.
    /// </summary>
    /// <param name="path">As written.</param>
    /// <param name="pathType">As written.</param>
    /// <param name="regexPrefix">What marks expressions.</param>
    /// <param name="detectsRegex">Whether unusual characters mark them as well (<c>enableLegacyRegexDetection</c>).</param>
    /// <param name="problem">Why a path is not valid, otherwise empty.</param>
    public static IReadOnlyList<KongPath> FromIngress(string? path, string? pathType, string regexPrefix, bool detectsRegex, out string problem)
    {
        var collapsed = Collapse(string.IsNullOrEmpty(path) ? "/" : path);
        problem = "";
        if (collapsed.StartsWith(regexPrefix, StringComparison.Ordinal))
        {
            return Expression(collapsed[regexPrefix.Length..], ref problem);
        }

        var trimmed = collapsed.Trim('/');
        switch (pathType)
        {
            case "Prefix" when trimmed.Length == 0:
                return [Prefix("/")];
            case "Prefix":
                return [Prefix($"/{trimmed}/"), .. Expression($"/{trimmed}$", ref problem)];
            case "Exact":
                return Expression($"/{collapsed.TrimStart('/')}$", ref problem);
            default:
                return detectsRegex && collapsed.Any(character => !char.IsAsciiLetterOrDigit(character) && !"._~/%-".Contains(character))
                    ? Expression(collapsed, ref problem)
                    : [Prefix(collapsed)];
        }
    }

    private static KongPath Prefix(string path) => new(PathPattern.StringPrefix(path), null);

    private static IReadOnlyList<KongPath> Expression(string expression, ref string problem)
    {
        // Without special characters an expression that ends with "$" says no more than the text, which is found at once.
        if (expression is ['/', .. var rest, '$'] && rest.AsSpan().IndexOfAny(Special) < 0)
        {
            return [new KongPath(PathPattern.Exact("/" + rest), expression)];
        }

        return Re2.TryConvert(expression, out var converted, out problem)
            ? [new KongPath(PathPattern.Regex("^(?:" + converted + ")"), converted)]
            : [];
    }

    private static string Collapse(string path)
    {
        while (path.Contains("//", StringComparison.Ordinal))
        {
            path = path.Replace("//", "/", StringComparison.Ordinal);
        }

        return path;
    }
}
