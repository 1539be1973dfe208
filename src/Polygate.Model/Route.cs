namespace Polygate.Model;

/// <summary>
/// What to do with the requests that match: where they are accepted, what is changed on the way, and what answers them.
/// </summary>
/// <param name="Id">Stable across edits that keep the route's place; state such as limiters is keyed by it. Unique in a configuration.</param>
/// <param name="Origin">The object and field it comes from.</param>
/// <param name="Scope">
/// The routes that one dialect orders among themselves: each scope finds its own best route for a request, then the
/// more specific host, the more specific path, the older object and the name decide between scopes.
/// </param>
/// <param name="Created">When the object was created (Unix seconds), 0 when unknown: between scopes the older wins.</param>
/// <param name="Bindings">Where and how it matches.</param>
/// <param name="Filters">Applied in order to the request, and in reverse order to the answer.</param>
/// <param name="Action">What answers.</param>
public sealed record Route(
    string Id,
    Origin Origin,
    string Scope,
    long Created,
    ValueList<RouteBinding> Bindings,
    ValueList<Filter> Filters,
    RouteAction Action);

/// <summary>A route's place on one listener: the virtual host it belongs to and the matches that hold there.</summary>
/// <param name="Listener">The listener.</param>
/// <param name="VirtualHost">The claim (see <see cref="Model.VirtualHost"/>); <see cref="HostPattern.Any"/> in scopes where all routes compete.</param>
/// <param name="Matches">Alternatives; at least one.</param>
public sealed record RouteBinding(ListenerKey Listener, HostPattern VirtualHost, ValueList<RouteMatch> Matches);
