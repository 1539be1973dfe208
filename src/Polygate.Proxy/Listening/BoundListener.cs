using System.Net;
using Polygate.Model;
using Polygate.Proxy.Streams;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Listening;

/// <summary>One socket address of the gateway, and the configured listeners it serves.</summary>
public sealed class BoundListener
{
    private volatile IReadOnlyList<ListenerKey> keys;
    private volatile string? failure;
    private volatile SocketStreams streams = SocketStreams.Empty;
    private volatile ListenerProtocol protocol;
    private volatile ClientSettings? settings;
    private volatile RulesOfSettings? rules;

    internal BoundListener(SocketPlan plan)
    {
        Address = plan.Address;
        protocol = plan.Protocol;
        UsesProxyProtocol = plan.UsesProxyProtocol;
        Origin = plan.Origin;
        keys = plan.Keys;
    }

    /// <summary>The address asked for.</summary>
    public IPEndPoint Address { get; }

    /// <summary>The address listened on, with the port that was chosen where 0 was asked for; null while it cannot be bound.</summary>
    public IPEndPoint? EndPoint => Socket?.EndPoint;

    /// <summary>What is spoken on it; HTTPS where TLS is spoken for HTTP and for streams.</summary>
    public ListenerProtocol Protocol => protocol;

    /// <summary>Whether every connection begins with a PROXY protocol header.</summary>
    public bool UsesProxyProtocol { get; }

    /// <summary>The configured listeners it stands for, at least one; the first gives requests their port.</summary>
    public IReadOnlyList<ListenerKey> Keys => keys;

    /// <summary>Why it cannot be bound at present; null when it is.</summary>
    public string? Failure => failure;

    internal Origin Origin { get; }

    internal IListeningSocket? Socket { get; private set; }

    internal int Attempts { get; private set; }

    internal bool IsGone { get; private set; }

    /// <summary>What becomes of connections that are not for HTTP, as of now.</summary>
    internal SocketStreams Streams => streams;

    /// <summary>How connections made from now on are treated.</summary>
    internal ClientRules RulesOver(ClientRules installation)
    {
        if (settings is not { } wanted)
        {
            return installation;
        }

        // Made once: connections of one socket share their rules.
        if (rules is not { } known || !ReferenceEquals(known.Settings, wanted))
        {
            rules = known = new RulesOfSettings(wanted, ClientRules.Of(wanted, installation));
        }

        return known.Rules;
    }

    internal void Follow(SocketPlan plan, StreamTable table)
    {
        settings = plan.Clients;
        keys = plan.Keys;
        protocol = plan.Protocol;
        streams = table.ForListeners(plan.Keys);
    }

    internal void OnBound(IListeningSocket socket)
    {
        Socket = socket;
        failure = null;
    }

    internal void OnFailed(string reason)
    {
        failure = reason;
        Attempts++;
    }

    internal void Close()
    {
        IsGone = true;
        Socket?.Dispose();
    }

    private sealed record RulesOfSettings(ClientSettings Settings, ClientRules Rules);
}
