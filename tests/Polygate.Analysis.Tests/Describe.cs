using Polygate.Model;

namespace Polygate.Analysis.Tests;

/// <summary>Descriptions of routes that consist of what a test is about.</summary>
internal static class Describe
{
    private static readonly Origin Origin = new("test", "Route", "default", "shop");

    /// <summary>The sentences about filters alone.</summary>
    public static IReadOnlyList<string> Filters(params Filter[] filters)
    {
        var sentences = RouteDescription.Of(Route(new DirectResponseAction(200), filters), GatewayConfiguration.Empty);
        return [.. sentences.SkipLast(1)];
    }

    public static IReadOnlyList<string> Action(RouteAction action, params Backend[] backends) =>
        RouteDescription.Of(Route(action), With(backends));

    public static string Target(RouteAction action) => RouteDescription.Target(Route(action), GatewayConfiguration.Empty);

    public static Route Route(RouteAction action, params Filter[] filters) => new("id", Origin, "test", 0, [], filters.ToValueList(), action);

    public static GatewayConfiguration With(params Backend[] backends) => new()
    {
        Pieces = GatewayConfiguration.Empty.Pieces.Add("piece", new ConfigurationPiece("piece") { Backends = backends.ToValueList() }),
    };
}
