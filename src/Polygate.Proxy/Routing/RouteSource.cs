using Polygate.Model;
using Polygate.Proxy.Http;

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

    /// <summary>How ports are told to clients of the socket, as it was found out last.</summary>
    internal KnownMapping? Mapping { get; set; }
}

/// <summary>How ports are told to clients of a socket.</summary>
/// <param name="Port">The port that is listened on.</param>
/// <param name="Keys">The listeners that it stands for.</param>
/// <param name="Mapping">Null where ports are told as they are.</param>
internal sealed record KnownMapping(int Port, IReadOnlyList<ListenerKey> Keys, PortMapping? Mapping);
