using Polygate.Dialects.Common;
using Polygate.Dialects.Pipeline;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Middlewares;

/// <summary>Where a middleware is translated: what it can look up, and the filters it adds to.</summary>
internal sealed class MiddlewareScope
{
    private readonly List<Filter> filters;

    public MiddlewareScope(TranslationContext context, string ns, bool isLegacy, Findings findings, List<Filter> filters)
    {
        Context = context;
        Namespace = ns;
        IsLegacy = isLegacy;
        Findings = findings;
        this.filters = filters;
    }

    public TranslationContext Context { get; }

    /// <summary>The middleware's namespace: Secrets are always local.</summary>
    public string Namespace { get; }

    /// <summary>Whether the object is of the group up to Traefik 2.11, with that version's meaning.</summary>
    public bool IsLegacy { get; }

    public Findings Findings { get; }

    /// <summary>Set by the retry middleware: it acts on the forwarding, not on the request.</summary>
    public RetryPolicy? Retry { get; set; }

    public void Add(Filter filter) => filters.Add(filter);

    /// <summary>Closes the route: what was asked for restricts access (or the request must not pass without it) and is not to be had.</summary>
    public void Refuse(string code, string message, string field)
    {
        Findings.Error(code, message, field);
        filters.Add(new RefuseFilter(503));
    }

    public void RefuseUnsupported(string field) =>
        Refuse("unsupported-field", $"{field} restricts access and is not supported yet: routes that use it answer 503.", field);

    /// <summary>A regular expression as the model takes it; null (and the route closed) when it is not valid.</summary>
    public string? Regex(string? pattern, string field)
    {
        if (string.IsNullOrEmpty(pattern))
        {
            Refuse("missing-field", $"{field} is required.", field);
            return null;
        }

        if (Common.Re2.TryConvert(pattern, out var converted, out var problem))
        {
            return converted;
        }

        Refuse("invalid-regex", $"{field} is not a valid regular expression: {problem}", field);
        return null;
    }
}
