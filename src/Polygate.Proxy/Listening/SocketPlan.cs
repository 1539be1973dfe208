using System.Collections.Immutable;
using System.Net;
using Polygate.Model;
using Polygate.Proxy.Transport.Tls;

namespace Polygate.Proxy.Listening;

/// <summary>A socket that is wanted.</summary>
internal sealed record SocketPlan(
    IPEndPoint Address, ListenerProtocol Protocol, bool UsesProxyProtocol, Origin Origin, ImmutableArray<ListenerKey> Keys)
{
    /// <summary>How clients are treated; null for the installation's settings.</summary>
    internal ClientSettings? Clients { get; init; }

    /// <summary>Whether a socket made for another plan serves this one as it is.</summary>
    internal bool IsServedBy(BoundListener listener) =>
        listener.Address.Equals(Address) && Shared(listener.Protocol, Protocol) is not null && listener.UsesProxyProtocol == UsesProxyProtocol;

    /// <summary>What is spoken on a socket that serves both; null when none can. The server name tells HTTPS and TLS apart.</summary>
    private static ListenerProtocol? Shared(ListenerProtocol left, ListenerProtocol right) => (left, right) switch
    {
        (ListenerProtocol.Https, ListenerProtocol.Tls) or (ListenerProtocol.Tls, ListenerProtocol.Https) => ListenerProtocol.Https,
        _ => left == right ? left : null,
    };

    /// <summary>
    /// What sockets a configuration wants. Several listeners may share one; where they disagree about what is spoken on
    /// it, the first object wins and the others are reported.
    /// </summary>
    internal static List<SocketPlan> For(GatewayConfiguration configuration, ListenerOptions options, List<Diagnostic> diagnostics)
    {
        var wanted = configuration.Pieces.Values.SelectMany(piece => piece.Listeners).ToList();
        wanted.Sort((left, right) => OriginOrder.Compare(left.Origin, right.Origin));
        var plans = new Dictionary<(IPEndPoint Address, bool IsUdp), SocketPlan>();
        var order = new List<(IPEndPoint Address, bool IsUdp)>();
        foreach (var listener in wanted)
        {
            foreach (var wish in listener.Sockets())
            {
                if (options.MapEndPoint(wish) is { } address)
                {
                    Add(listener, address);
                }
                else
                {
                    Report(listener, "unmapped-listener", $"Nothing is bound for {wish}: this installation has no address for it.");
                }
            }
        }

        return order.ConvertAll(address => plans[address]);

        void Add(Listener listener, IPEndPoint address)
        {
            var place = (address, listener.Key.IsUdp);
            if (!plans.TryGetValue(place, out var plan))
            {
                order.Add(place);
                plans.Add(place, new SocketPlan(
                    address, listener.Protocol, options.UsesProxyProtocol(listener.Key), listener.Origin, [listener.Key])
                { Clients = listener.Clients });
            }
            else if (Shared(plan.Protocol, listener.Protocol) is not { } protocol)
            {
                Report(
                    listener,
                    "conflicting-listener",
                    $"{listener.Protocol} on {listener.Key} is not served: {plan.Origin} has {plan.Protocol} on the same address, {address}.");
            }
            else
            {
                // Who is believed, and how long is waited, is decided before anything tells the listeners of a socket apart.
                if (listener.Clients is not null && listener.Clients != plan.Clients)
                {
                    Report(listener, "conflicting-client-settings", $"The settings for clients of {listener.Key} have no effect: those of {plan.Origin} hold on the same address, {address}.");
                }

                plans[place] = plan with { Protocol = protocol, Keys = plan.Keys.Contains(listener.Key) ? plan.Keys : plan.Keys.Add(listener.Key) };
            }
        }

        void Report(Listener listener, string code, string message) =>
            diagnostics.Add(new Diagnostic(DiagnosticSeverity.Error, code, message, listener.Origin));
    }
}
