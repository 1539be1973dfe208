namespace Polygate.Proxy.Routing;

/// <summary>
/// The routes that the connections of one socket are served by. They change with the configuration, with one write; a
/// request is served by what it finds.
/// </summary>
public sealed class RouteSource
{
    private volatile SocketRoutes current = SocketRoutes.Empty;

    /// <summary>Has no route.</summary>
    public static RouteSource None { get; } = new();

    public SocketRoutes Current
    {
        get => current;
        set => current = value;
    }
}
