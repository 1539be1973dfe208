using Polygate.Dialects.Common;
using Polygate.Model;

namespace Polygate.Dialects.Kong.Plugins;

/// <summary>The route that plugins are applied to.</summary>
internal sealed class PluginTarget
{
    private readonly List<Filter> filters = [];

    public IReadOnlyList<Filter> Filters => filters;

    /// <summary>What answers instead of the Service; null when none of the plugins does.</summary>
    public RouteAction? Answer { get; private set; }

    public void Add(Filter filter) => filters.Add(filter);

    /// <summary>Answers in place of the Service; of several, the one that runs first.</summary>
    public void AnswerWith(RouteAction action) => Answer ??= action;

    /// <summary>Closes the route, whatever else was asked for.</summary>
    public void Refuse() => filters.Insert(0, new RefuseFilter(503));

    /// <summary>Closes the route: what was asked for must not be left out and is not to be had.</summary>
    public void Refuse(Findings findings, string code, string message, string field)
    {
        findings.Error(code, message, field);
        Refuse();
    }
}
