using System.Diagnostics;
using Polygate.Model;
using Polygate.Proxy.Filters;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Routing;

/// <summary>
/// A route on one listener, made ready to run. The pipeline applies <see cref="Filters"/> to the request; when none of them
/// answers, <see cref="Forward"/> says where the request goes, or, when that is null, <see cref="Answer"/> makes the reply. In either
/// case <see cref="Filters"/> are applied to the answer.
/// </summary>
public sealed class CompiledRoute
{
    private readonly LocalReply? reply;
    private readonly RedirectBuilder? redirect;

    private CompiledRoute(
        Route route, ListenerKey listener, FilterChain filters, CompiledForward? forward, LocalReply? reply, RedirectBuilder? redirect)
    {
        Route = route;
        Listener = listener;
        Filters = filters;
        Forward = forward;
        this.reply = reply;
        this.redirect = redirect;
        KeepsOriginal = filters.UsesOriginal || (forward is not null && (forward.FastCgi is not null || forward.Targets.Any(target => target.Filters.UsesOriginal)));
    }

    /// <summary>What it was compiled from.</summary>
    public Route Route { get; }

    /// <summary>The listener it was matched on; its port is the one redirects speak of.</summary>
    public ListenerKey Listener { get; }

    /// <summary>The route's filters; <see cref="FilterChain.Empty"/> when it has none.</summary>
    public FilterChain Filters { get; }

    /// <summary>Where requests go; null when the route answers by itself.</summary>
    public CompiledForward? Forward { get; }

    /// <summary>Whether a filter, or what a FastCGI application is told, speaks of the request's target as it came.</summary>
    internal bool KeepsOriginal { get; }

    /// <summary>Where each loop counts the route's requests, as far as it has served any; by the loop's number.</summary>
    internal RouteCounters?[] CountersByLoop { get; set; } = [];

    /// <summary>The reply of a route that answers by itself.</summary>
    /// <exception cref="InvalidOperationException">The route forwards.</exception>
    public LocalReply Answer(RequestHead head) =>
        reply ?? redirect?.Build(head, Listener.Port) ?? throw new InvalidOperationException("A route that forwards has no answer of its own.");

    internal static CompiledRoute Compile(Route route, ListenerKey listener, RuntimeState state, ICollection<string> problems)
    {
        var filters = FilterChain.Compile(route.Filters.AsSpan(), route.Id, state, problems);
        return route.Action switch
        {
            ForwardAction forward => new CompiledRoute(route, listener, filters, CompiledForward.Compile(forward, route.Id, state, problems), null, null),
            DirectResponseAction direct => new CompiledRoute(route, listener, filters, null, LocalReply.Of(direct), null),
            RedirectAction action => new CompiledRoute(route, listener, filters, null, null, RedirectBuilder.Create(action, problems)),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>The same route on another listener.</summary>
    internal CompiledRoute On(ListenerKey listener) => new(Route, listener, Filters, Forward, reply, redirect);
}
