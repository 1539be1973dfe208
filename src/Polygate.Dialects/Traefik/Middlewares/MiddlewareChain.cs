using Polygate.Dialects.Common;
using Polygate.Dialects.Pipeline;
using Polygate.Dialects.Traefik.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Middlewares;

/// <summary>What a list of middlewares became.</summary>
/// <param name="Filters">In the order of the list.</param>
/// <param name="Retry">The retry policy of the last retry middleware; null for none.</param>
internal sealed record MiddlewareEffects(IReadOnlyList<Filter> Filters, RetryPolicy? Retry);

/// <summary>
/// Expands a list of middleware references into filters. Where Traefik would drop the route (a missing, broken or
/// refused middleware), the route stays and answers 503 at that place: a route that vanishes lets its requests fall
/// through to a less protected one.
/// </summary>
internal sealed class MiddlewareChain
{
    private readonly TranslationContext context;
    private readonly TraefikOptions options;
    private readonly List<Filter> filters = [];
    private readonly HashSet<ResourceKey> open = [];
    private RetryPolicy? retry;

    private MiddlewareChain(TranslationContext context, TraefikOptions options)
    {
        this.context = context;
        this.options = options;
    }

    /// <summary>The effects of a list of references.</summary>
    /// <param name="context">The translation.</param>
    /// <param name="options">The installation's options.</param>
    /// <param name="references">Null or empty: no effect.</param>
    /// <param name="ns">The referrer's namespace.</param>
    /// <param name="findings">The referrer's findings.</param>
    /// <param name="field">The field of the list.</param>
    public static MiddlewareEffects Expand(
        TranslationContext context, TraefikOptions options, IReadOnlyList<ObjectReference>? references, string ns, Findings findings, string field)
    {
        var chain = new MiddlewareChain(context, options);
        chain.AddAll(references, ns, findings, field);
        return new MiddlewareEffects(chain.filters, chain.retry);
    }

    /// <summary>Checks one middleware by itself and reports what is wrong with it.</summary>
    public static void Check(TranslationContext context, TraefikOptions options, Found<MiddlewareSpec> middleware) =>
        new MiddlewareChain(context, options).Add(middleware);

    private void AddAll(IReadOnlyList<ObjectReference>? references, string ns, Findings findings, string field)
    {
        for (var i = 0; i < (references?.Count ?? 0); i++)
        {
            AddReference(references![i], ns, findings, $"{field}[{i}]");
        }
    }

    private void AddReference(ObjectReference reference, string ns, Findings findings, string field)
    {
        bool Exists(string otherNamespace, string name) => TraefikObjects.Middleware(context, otherNamespace, name) is not null;
        if (References.Resolve(reference, ns, options, Exists, findings, field) is not { } target)
        {
            filters.Add(new RefuseFilter(503));
        }
        else if (TraefikObjects.Middleware(context, target.Namespace, target.Name) is not { } middleware)
        {
            findings.Error(
                "missing-middleware", $"The Middleware {target.Namespace}/{target.Name} does not exist: the route answers 503.", field);
            filters.Add(new RefuseFilter(503));
        }
        else if (open.Contains(middleware.Resource.Key))
        {
            findings.Error("recursive-chain", $"The Middleware {target.Namespace}/{target.Name} contains itself.", field);
            filters.Add(new RefuseFilter(503));
        }
        else if (!Add(middleware))
        {
            findings.Error(
                "broken-middleware", $"The Middleware {target.Namespace}/{target.Name} has an error: the route answers 503.", field);
        }
    }

    /// <summary>Adds a middleware's filters; false when it failed, and its place is taken by a refusal.</summary>
    private bool Add(Found<MiddlewareSpec> middleware)
    {
        open.Add(middleware.Resource.Key);
        var findings = new Findings(context, middleware.Resource);
        var own = new List<Filter>();
        var scope = new MiddlewareScope(context, middleware.Resource.Namespace, middleware.IsLegacy, findings, own);
        if (middleware.Spec.Chain is { } chain && MiddlewareCatalog.HasOneType(middleware.Spec, scope))
        {
            AddAll(chain.Middlewares, middleware.Resource.Namespace, findings, "spec.chain.middlewares");
        }
        else if (middleware.Spec.Chain is null)
        {
            MiddlewareCatalog.Apply(middleware.Spec, scope);
        }

        open.Remove(middleware.Resource.Key);
        if (findings.Failed && !own.Exists(filter => filter is RefuseFilter) && middleware.Spec.Chain is null)
        {
            own.Add(new RefuseFilter(503));
        }

        filters.AddRange(own);
        retry = scope.Retry ?? retry;
        return !findings.Failed;
    }
}
