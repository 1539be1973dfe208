using System.Collections.Immutable;
using System.Net;
using System.Text;
using Polygate.Model;
using Polygate.Proxy.Http;

namespace Polygate.Benchmarks;

/// <summary>How the routes of a benchmark are spread.</summary>
public enum RouteLayout
{
    /// <summary>Every route has a host of its own, with a path prefix and a catch-all: the usual HTTPRoute.</summary>
    HostEach,

    /// <summary>All routes share a host and differ in their element prefix.</summary>
    OneHostElementPrefixes,

    /// <summary>All routes share a host and differ in their plain text prefix.</summary>
    OneHostStringPrefixes,
}

/// <summary>Configurations and requests for the benchmarks of matching.</summary>
internal static class RouteSamples
{
    public static readonly ListenerKey Web = new(80);

    public static GatewayConfiguration Configuration(RouteLayout layout, int routes) => new()
    {
        Pieces = Enumerable.Range(0, routes).Select(i => Piece(layout, i, "v1")).ToImmutableDictionary(piece => piece.Id, StringComparer.Ordinal),
    };

    public static ConfigurationPiece Piece(RouteLayout layout, int number, string version)
    {
        var name = $"route-{number}";
        var route = new Route(
            name,
            new Origin("gateway-api", "HTTPRoute", "default", name),
            "gateway-api",
            number + 1,
            [new RouteBinding(Web, HostPattern.Any, Matches(layout, number))],
            [new RequestHeaderFilter(new HeaderChanges { Set = [new HeaderValue("x-version", version)] })],
            new ForwardAction([new WeightedBackend($"default/service-{number}:80")]));
        return new ConfigurationPiece("gateway-api/HTTPRoute/default/" + name) { Routes = [route] };
    }

    public static RequestHead Request(RouteLayout layout, int number)
    {
        var (host, path) = layout == RouteLayout.HostEach
            ? ($"service-{number}.example.com", "/api/v1/items/42")
            : ("www.example.com", $"{Prefix(number)}/items/42");
        var head = new RequestHead { ClientAddress = IPAddress.Loopback };
        head.SetMethod("GET"u8);
        head.SetHost(Encoding.ASCII.GetBytes(host));
        head.SetAuthority(head.Host);
        head.SetPath(Encoding.ASCII.GetBytes(path));
        head.Headers.Add("accept"u8, "*/*"u8);
        head.Headers.Add("user-agent"u8, "benchmark"u8);
        return head;
    }

    private static string Prefix(int number) => $"/team-{number % 97}/service-{number}";

    private static ValueList<RouteMatch> Matches(RouteLayout layout, int number) => layout switch
    {
        RouteLayout.HostEach =>
        [
            Match(HostPattern.Exact($"service-{number}.example.com"), PathPattern.ElementPrefix("/api/v1")),
            Match(HostPattern.Exact($"service-{number}.example.com"), PathPattern.ElementPrefix("/")),
        ],
        RouteLayout.OneHostElementPrefixes => [Match(HostPattern.Exact("www.example.com"), PathPattern.ElementPrefix(Prefix(number)))],
        _ => [Match(HostPattern.Exact("www.example.com"), PathPattern.StringPrefix(Prefix(number) + "/"))],
    };

    private static RouteMatch Match(HostPattern host, PathPattern path) =>
        new(host, path, [], new RoutePrecedence([-host.Value.Length, -path.Value.Length], path.Value));
}
