using Polygate.Dialects.Gloo.Options;
using Polygate.Dialects.Gloo.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.Gloo.Routes;

/// <summary>
/// Flattens a list of routes: delegating routes are replaced, in place and depth first, by the routes of the tables they
/// name (Gloo's delegation rules).
/// </summary>
internal sealed class RouteExpander
{
    private static readonly MatcherSpec Everything = new() { Prefix = "/" };

    private readonly IResourceLookup lookup;
    private readonly Findings findings;
    private readonly GlooSettings settings;
    private readonly StagedTransformations? hostTransformations;

    /// <param name="lookup">Where route tables and options are found.</param>
    /// <param name="findings">Receives what is wrong.</param>
    /// <param name="settings">The installation's settings.</param>
    /// <param name="hostTransformations">The virtual host's, for routes that inherit transformations; null for none.</param>
    public RouteExpander(IResourceLookup lookup, Findings findings, GlooSettings settings, StagedTransformations? hostTransformations)
    {
        this.lookup = lookup;
        this.findings = findings;
        this.settings = settings;
        this.hostTransformations = hostTransformations;
    }

    /// <summary>The routes of an object in the order in which they are tried.</summary>
    /// <param name="owner">The VirtualService or RouteTable.</param>
    /// <param name="routes">Its routes.</param>
    /// <param name="field">Where they stand in it.</param>
    public IReadOnlyList<EffectiveRoute> Expand(Resource owner, IReadOnlyList<RouteSpec> routes, string field) =>
        Expand(owner, routes, field, parent: null, path: "", [owner.Key]);

    private List<EffectiveRoute> Expand(
        Resource owner, IReadOnlyList<RouteSpec> routes, string field, ParentRoute? parent, string path, IReadOnlyList<ResourceKey> branch)
    {
        var result = new List<EffectiveRoute>();
        for (var i = 0; i < routes.Count; i++)
        {
            var route = routes[i];
            var routeField = $"{field}[{i}]";
            var (inheritMatchers, inheritPaths) =
                (route.InheritableMatchers ?? parent?.InheritMatchers ?? false, route.InheritablePathMatchers ?? parent?.InheritPaths ?? false);
            var matchers = route.Matchers is { Count: > 0 } written ? written : [Everything];
            if (parent is not null)
            {
                matchers = Inheritance.Apply(matchers, parent, inheritMatchers, inheritPaths);
                if (matchers.Select(matcher => Inheritance.Contradiction(matcher, parent.Matcher)).FirstOrDefault(problem => problem is not null) is { } problem)
                {
                    findings.WarnUse(
                        "delegation-mismatch", $"This route is not served where it is delegated to: {problem}.", routeField, owner);
                    continue;
                }
            }

            var options = OptionsOf(owner, route, routeField, parent);
            if (route.DelegateAction is not null && (route.RouteAction ?? (object?)route.RedirectAction ?? route.DirectResponseAction) is not null)
            {
                findings.Reject("invalid-field", "A route has exactly one action; this one delegates and does something else.", routeField, owner);
            }

            var effective = new EffectiveRoute(owner, routeField, $"{path}{i}", route, matchers, options);
            result.AddRange(route.DelegateAction is null
                ? [effective]
                : Delegate(effective, new ParentRoute(Everything, inheritMatchers, inheritPaths, options), branch));
        }

        return result;
    }

    private IEnumerable<EffectiveRoute> Delegate(EffectiveRoute route, ParentRoute handed, IReadOnlyList<ResourceKey> branch)
    {
        var field = route.Field + ".delegateAction";
        if (ParentMatcher(route) is not { } matcher)
        {
            return [];
        }

        handed = handed with { Matcher = matcher };
        var action = route.Spec.DelegateAction!;
        var (name, ns) = string.IsNullOrEmpty(action.Name) ? (action.Ref?.Name, action.Ref?.Namespace) : (action.Name, action.Namespace);
        if (!string.IsNullOrEmpty(name))
        {
            ns = string.IsNullOrEmpty(ns) ? route.Owner.Namespace : ns;
            if (lookup.Get<RouteTable>(ns, name) is { } table && settings.Watches(ns))
            {
                return Table(route, table, handed, branch);
            }

            findings.Warn("missing-reference", $"The RouteTable {ns}/{name} does not exist; the route is skipped.", field, route.Owner);
            return [];
        }

        if (action.Selector is not { } selector)
        {
            findings.Reject("invalid-field", "A delegateAction needs a ref or a selector.", field, route.Owner);
            return [];
        }

        return Selected(route, selector, handed, branch, field + ".selector");
    }

    /// <summary>The matcher children must lie within; null (and a rejection) when the route has several, or one that is no prefix.</summary>
    private MatcherSpec? ParentMatcher(EffectiveRoute route)
    {
        var field = route.Field + ".matchers";
        if (route.Matchers.Count > 1)
        {
            findings.Reject("invalid-field", "A delegating route has at most one matcher.", field, route.Owner);
            return null;
        }

        var matcher = route.Matchers[0];
        if (matcher.Exact is not null || matcher.Regex is not null || matcher.ConnectMatcher is not null)
        {
            findings.Reject("invalid-field", "The matcher of a delegating route must be a prefix.", field, route.Owner);
            return null;
        }

        if (matcher.Prefix is not null)
        {
            return matcher;
        }

        // Gloo takes the bare prefix / then, and nothing else of the matcher.
        findings.Warn(
            "dropped-conditions", "A delegating matcher without prefix means the prefix /; its other conditions have no effect.", field, route.Owner);
        return Everything;
    }

    private IEnumerable<EffectiveRoute> Selected(
        EffectiveRoute route, ObjectSelector selector, ParentRoute handed, IReadOnlyList<ResourceKey> branch, string field)
    {
        if (selector is { Labels.Count: > 0, Expressions.Count: > 0 })
        {
            findings.Reject("invalid-field", "A selector has labels or expressions, not both.", field, route.Owner);
            return [];
        }

        var namespaces = selector.Namespaces is { Count: > 0 } written ? written : [route.Owner.Namespace];
        var candidates = namespaces.Contains("*")
            ? lookup.List<RouteTable>()
            : namespaces.Distinct().Order(StringComparer.Ordinal).SelectMany(ns => lookup.List<RouteTable>(ns));
        var tables = candidates
            .Where(table => settings.Watches(table.Namespace)
                && Selectors.Matches(table, selector.Labels)
                && Selectors.Matches(table, selector.Expressions))
            .ToList();
        if (tables.Count == 0)
        {
            findings.Warn("missing-reference", "No RouteTable is selected; the route is skipped.", field, route.Owner);
        }

        return tables
            .GroupBy(table => table.Value.Spec.Weight ?? 0)
            .OrderBy(group => group.Key)
            .SelectMany(group =>
            {
                var routes = group.SelectMany(table => Table(route, table, handed, branch)).ToList();
                return group.Count() > 1 || settings.AlwaysSortsRouteTables ? RouteOrder.Sort(routes) : routes;
            });
    }

    private List<EffectiveRoute> Table(
        EffectiveRoute route, Resource<RouteTable> table, ParentRoute handed, IReadOnlyList<ResourceKey> branch)
    {
        if (branch.Contains(table.Key))
        {
            findings.Reject(
                "delegation-cycle", $"Delegation goes in a circle: {string.Join(" → ", branch.Append(table.Key))}.", route.Field, route.Owner);
            return [];
        }

        return Expand(
            table, table.Value.Spec.Routes ?? [], "spec.routes", handed, $"{route.Path}/{table.FullName}/", [.. branch, table.Key]);
    }

    /// <summary>Own options, then the referenced ones in order, then the parent's; each fills what is still empty.</summary>
    private RouteOptions OptionsOf(Resource owner, RouteSpec route, string field, ParentRoute? parent)
    {
        var options = route.Options ?? new RouteOptions();
        var references = route.OptionsConfigRefs?.DelegateOptions ?? [];
        for (var i = 0; i < references.Count; i++)
        {
            var ns = string.IsNullOrEmpty(references[i].Namespace) ? owner.Namespace : references[i].Namespace!;
            if (lookup.Get<RouteOption>(ns, references[i].Name ?? "") is { } found)
            {
                options = OptionMerge.Fill(options, found.Value.Spec.Options);
            }
            else
            {
                findings.Warn(
                    "missing-reference", $"The RouteOption {ns}/{references[i].Name} does not exist.",
                    $"{field}.optionsConfigRefs.delegateOptions[{i}]", owner);
            }
        }

        options = OptionMerge.InheritTransformations(options, parent is null ? hostTransformations : parent.Options.StagedTransformations);
        return OptionMerge.Fill(options, parent?.Options);
    }
}
