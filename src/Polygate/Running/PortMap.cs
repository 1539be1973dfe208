using System.Net;
using System.Net.Sockets;
using Polygate.Model;

namespace Polygate.Running;

/// <summary>Which socket is bound for a configured listener (an installation's decision, not the configuration's).</summary>
internal sealed class PortMap
{
    /// <summary>What is added to ports that an ordinary user may not bind: 80 becomes 8080, 443 becomes 8443.</summary>
    public const int Offset = 8000;

    private const int FirstUnprivilegedPort = 1024;

    /// <summary>The one of a run without options.</summary>
    public static PortMap Default { get; } = new(null, new Dictionary<int, int>());

    private readonly IPAddress? address;
    private readonly IReadOnlyDictionary<int, int> ports;
    private readonly int offset;

    /// <param name="address">The address for every listener; null for the one that each names, or any.</param>
    /// <param name="ports">Ports to bind elsewhere, by configured port.</param>
    /// <param name="offset">What is added to the other ports below 1024; 0 where Gateways have addresses of their own, which are reached at the configured ports.</param>
    public PortMap(IPAddress? address, IReadOnlyDictionary<int, int> ports, int offset = Offset)
    {
        this.address = address;
        this.ports = ports;
        this.offset = offset;
    }

    /// <summary>The port bound for a configured port.</summary>
    public int PortFor(int port) => ports.TryGetValue(port, out var mapped) ? mapped : port < FirstUnprivilegedPort ? port + offset : port;

    /// <summary>The socket address for a listener; null when it names none.</summary>
    public IPEndPoint? EndPointFor(ListenerKey listener)
    {
        if (address is not null)
        {
            return new IPEndPoint(address, PortFor(listener.Port));
        }

        if (listener.Address.Length == 0)
        {
            return new IPEndPoint(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, PortFor(listener.Port));
        }

        return IPAddress.TryParse(listener.Address, out var written) ? new IPEndPoint(written, PortFor(listener.Port)) : null;
    }
}
