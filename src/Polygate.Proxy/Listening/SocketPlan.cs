using System.Collections.Immutable;
using System.Net;
using Polygate.Model;
using Polygate.Proxy.Transport.Tls;

namespace Polygate.Proxy.Listening;

/// <summary>A socket that is wanted.</summary>
internal sealed record SocketPlan(
    IPEndPoint Address, ListenerProtocol Protocol, bool UsesProxyProtocol, Origin Origin, ImmutableArray<ListenerKey> Keys)
{
    /// <summary>Whether a socket made for another plan serves this one as it is.</summary>
    internal bool IsServedBy(BoundListener listener) =>
        listener.Address.Equals(Address) && listener.Protocol == Protocol && listener.UsesProxyProtocol == UsesProxyProtocol;

    /// <summary>A listener as the installation maps it: once for each address it is to have.</summary>
    private static IEnumerable<ListenerKey> Wishes(Listener listener) => listener.Addresses.IsEmpty
        ? [listener.Key]
        : listener.Addresses.Select(address => listener.Key with { Address = address });

    /// <summary>
    /// What sockets a configuration wants. Several listeners may share one; where they disagree about what is spoken on
    /// it, the first object wins and the others are reported.
    /// </summary>
    internal static List<SocketPlan> For(GatewayConfiguration configuration, ListenerOptions options, List<Diagnostic> diagnostics)
    {
        var wanted = configuration.Pieces.Values.SelectMany(piece => piece.Listeners).ToList();
        wanted.Sort((left, right) => OriginOrder.Compare(left.Origin, right.Origin));
        var plans = new Dictionary<IPEndPoint, SocketPlan>();
        var order = new List<IPEndPoint>();
        foreach (var listener in wanted)
        {
            foreach (var wish in Wishes(listener))
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
            if (!plans.TryGetValue(address, out var plan))
            {
                order.Add(address);
                plans.Add(address, new SocketPlan(
                    address, listener.Protocol, options.UsesProxyProtocol(listener.Key), listener.Origin, [listener.Key]));
            }
            else if (plan.Protocol != listener.Protocol)
            {
                Report(
                    listener,
                    "conflicting-listener",
                    $"{listener.Protocol} on {listener.Key} is not served: {plan.Origin} has {plan.Protocol} on the same address, {address}.");
            }
            else if (!plan.Keys.Contains(listener.Key))
            {
                plans[address] = plan with { Keys = plan.Keys.Add(listener.Key) };
            }
        }

        void Report(Listener listener, string code, string message) =>
            diagnostics.Add(new Diagnostic(DiagnosticSeverity.Error, code, message, listener.Origin));
    }
}
