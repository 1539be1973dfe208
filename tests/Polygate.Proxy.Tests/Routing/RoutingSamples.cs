using System.Collections.Immutable;
using System.Net;
using System.Text;
using Polygate.Model;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;

namespace Polygate.Proxy.Tests.Routing;

/// <summary>Routes and requests in few words.</summary>
internal static class RoutingSamples
{
    public static readonly ListenerKey Web = new(80);

    public static RouteMatch Match(HostPattern host, PathPattern path, long precedence = 0, params MatchCondition[] conditions) =>
        new(host, path, conditions.ToValueList(), new RoutePrecedence([precedence]));

    public static Route Route(string id, params RouteMatch[] matches) => Route(id, "test", HostPattern.Any, matches);

    public static Route Route(string id, string scope, HostPattern virtualHost, params RouteMatch[] matches) => new(
        id,
        new Origin("test", "Route", "default", id),
        scope,
        0,
        [new RouteBinding(Web, virtualHost, matches.ToValueList())],
        [],
        new DirectResponseAction(200, id));

    public static GatewayConfiguration Configuration(params IEnumerable<Route> routes) => new()
    {
        Pieces = routes.ToImmutableDictionary(route => route.Id, route => new ConfigurationPiece(route.Id) { Routes = [route] }),
    };

    public static SocketRoutes Table(params IEnumerable<Route> routes) => Table(Configuration(routes));

    public static SocketRoutes Table(GatewayConfiguration configuration) =>
        RoutingTable.Build(configuration, RoutingTable.Empty, new RuntimeState()).ForListeners([Web]);

    /// <summary>A request; the target is <c>host/path?query</c>.</summary>
    public static RequestHead Request(string target, string method = "GET", params (string Name, string Value)[] headers)
    {
        var slash = target.IndexOf('/', StringComparison.Ordinal);
        var question = target.IndexOf('?', StringComparison.Ordinal);
        var head = new RequestHead { ClientAddress = IPAddress.Loopback, HasQuery = question >= 0 };
        head.SetMethod(Encoding.UTF8.GetBytes(method));
        head.SetHost(Encoding.UTF8.GetBytes(target[..slash]));
        head.SetAuthority(Encoding.UTF8.GetBytes(target[..slash]));
        head.SetPath(Encoding.UTF8.GetBytes(question < 0 ? target[slash..] : target[slash..question]));
        head.SetQuery(Encoding.UTF8.GetBytes(question < 0 ? "" : target[(question + 1)..]));
        foreach (var (name, value) in headers)
        {
            head.Headers.Add(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
        }

        return head;
    }

    public static string? Answer(this SocketRoutes routes, string target, string method = "GET", params (string Name, string Value)[] headers) =>
        routes.Match(Request(target, method, headers))?.Route.Id;
}
