using System.Net;
using Polygate.Model;

namespace Polygate.Proxy.Listening;

/// <summary>How an installation listens.</summary>
public sealed record ListenerOptions
{
    /// <summary>
    /// The address to bind for a configured listener; null when the installation has none. Several listeners may get the
    /// same one. By default the address and port as configured.
    /// </summary>
    public Func<ListenerKey, IPEndPoint?> MapEndPoint { get; init; } = AsConfigured;

    /// <summary>Whether connections to a listener begin with a PROXY protocol header, which is then required.</summary>
    public Func<ListenerKey, bool> UsesProxyProtocol { get; init; } = static _ => false;

    /// <summary>From the connection to the end of the TLS handshake, the PROXY protocol header included.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long after a failed attempt to bind the next one comes; doubled from attempt to attempt up to 30 s.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Told of what goes wrong after a configuration was applied: an address that cannot be bound. Called on any thread.</summary>
    public Action<Diagnostic> Report { get; init; } = static _ => { };

    private static IPEndPoint? AsConfigured(ListenerKey key)
    {
        if (key.Address.Length == 0)
        {
            return new IPEndPoint(System.Net.Sockets.Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, key.Port);
        }

        return IPAddress.TryParse(key.Address, out var address) ? new IPEndPoint(address, key.Port) : null;
    }
}
