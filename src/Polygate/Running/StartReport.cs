using System.Net;
using Polygate.Logging;
using Polygate.Model;
using Polygate.Output;
using Polygate.Proxy.Listening;

namespace Polygate.Running;

/// <summary>Tells the user, once the gateway serves, where it listens and what.</summary>
internal sealed class StartReport
{
    private const int ShownRoutes = 100;

    private readonly TextWriter writer;
    private readonly ProgramLog log;

    /// <param name="writer">Where tables go.</param>
    /// <param name="log">The log; where it is for programs, the report is, too.</param>
    public StartReport(TextWriter writer, ProgramLog log)
    {
        this.writer = writer;
        this.log = log;
    }

    public void Write(IReadOnlyList<BoundListener> listeners, IPEndPoint admin, GatewayConfiguration configuration)
    {
        foreach (var listener in listeners.Where(listener => listener.EndPoint is not null))
        {
            var scheme = listener.Protocol.ToString().ToLowerInvariant();
            var configured = string.Join(", ", listener.Keys);
            log.Write(LogLevel.Info, $"Listening on {scheme}://{Shown(listener.EndPoint!)} for {configured}");
        }

        log.Write(LogLevel.Info, $"Admin port on http://{admin} (/livez, /readyz, /metrics)");
        if (!log.IsJson)
        {
            RouteOutput.WriteTable(writer, configuration, ShownRoutes);
        }
    }

    private static string Shown(IPEndPoint endPoint) =>
        endPoint.Address.Equals(IPAddress.Any) || endPoint.Address.Equals(IPAddress.IPv6Any) ? $"*:{endPoint.Port}" : endPoint.ToString();
}
