using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Polygate.Model;
using Polygate.Proxy.Routing;
using Polygate.Proxy.Streams;
using Polygate.Proxy.Transport;
using Polygate.Proxy.Transport.Tls;

namespace Polygate.Proxy.Listening;

/// <summary>
/// Keeps the gateway's sockets as the configuration wants them: binds new ones, closes gone ones, leaves the others and
/// their connections alone. An address that cannot be bound is reported and tried again; nothing here is fatal.
/// </summary>
public sealed class ListenerManager : IDisposable
{
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromSeconds(30);

    private readonly ITransport transport;
    private readonly ListenerOptions options;
    private readonly Action<AcceptedConnection> onConnection;
    private readonly Action<AcceptedStream> onStream;
    private readonly Func<BoundListener, IDatagramHandler>? datagrams;
    private readonly Lock gate = new();
    private List<BoundListener> listeners = [];
    private List<SocketPlan> plans = [];
    private ImmutableDictionary<string, ConfigurationPiece> applied = GatewayConfiguration.Empty.Pieces;
    private readonly ListenerWishes wishes = new();
    private readonly CertificateRegistry registry = new();
    private ImmutableArray<Diagnostic> socketProblems = [];
    private volatile CertificateStore certificates = CertificateStore.Empty;

    /// <param name="transport">Where connections come from; stays its owner's.</param>
    /// <param name="options">The installation's part.</param>
    /// <param name="onConnection">Called on the connection's loop; owns the channel from then on.</param>
    /// <param name="onStream">The same for connections that are not for HTTP; null where no configuration has any.</param>
    /// <param name="datagrams">Makes what takes the datagrams of a UDP listener; null where no configuration has any.</param>
    public ListenerManager(
        ITransport transport, ListenerOptions options, Action<AcceptedConnection> onConnection, Action<AcceptedStream>? onStream = null,
        Func<BoundListener, IDatagramHandler>? datagrams = null)
    {
        this.transport = transport;
        this.options = options;
        this.onConnection = onConnection;
        this.datagrams = datagrams;
        this.onStream = onStream ?? (static stream => stream.Channel.Abort());
    }

    /// <summary>The sockets wanted at present, bound or not.</summary>
    public ImmutableArray<BoundListener> Listeners
    {
        get
        {
            lock (gate)
            {
                return [.. listeners];
            }
        }
    }

    /// <summary>The certificates in use.</summary>
    public CertificateStore Certificates => certificates;

    /// <summary>Makes listeners and certificates those of a configuration. From any thread.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="streams">Its stream routes, compiled; null for none.</param>
    /// <returns>What is wrong with them; failures to bind are reported on their own.</returns>
    public ImmutableArray<Diagnostic> Apply(GatewayConfiguration configuration, StreamTable? streams = null) =>
        Apply(configuration, streams ?? StreamTable.Empty, new PieceChanges(applied, configuration));

    /// <inheritdoc cref="Apply(GatewayConfiguration, StreamTable?)"/>
    internal ImmutableArray<Diagnostic> Apply(GatewayConfiguration configuration, StreamTable streams, PieceChanges changes)
    {
        lock (gate)
        {
            // Most changes are of routes, and there may be thousands of listeners.
            var changed = changes.Between(applied, configuration.Pieces).Select(change => (Before: change.Before ?? ConfigurationPiece.Nothing, After: change.After ?? ConfigurationPiece.Nothing)).ToList();
            applied = configuration.Pieces;
            certificates = registry.Change(changed);

            // Among listeners that share an address the first object's counts.
            var areOthers = wishes.Change(changed);
            if (areOthers || (changed.Exists(change => change.Before.Listeners != change.After.Listeners)
                && (!socketProblems.IsEmpty || plans.Exists(plan => plan.Keys.Length > 1))))
            {
                Plan(configuration);
            }

            listeners = plans.ConvertAll(plan => Realise(plan, streams));
            return certificates.Diagnostics.AddRange(socketProblems);
        }
    }

    /// <summary>Finds what is to be listened on, and closes what is not.</summary>
    private void Plan(GatewayConfiguration configuration)
    {
        var diagnostics = new List<Diagnostic>();
        plans = SocketPlan.For(configuration, options, diagnostics);
        socketProblems = [.. diagnostics];

        // An address whose protocol changes is closed before it is opened again.
        foreach (var gone in listeners.Where(listener => !plans.Exists(plan => plan.IsServedBy(listener))))
        {
            gone.Close();
        }
    }

    /// <summary>Stops listening; connections stay.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            listeners.ForEach(listener => listener.Close());
            listeners = [];
        }
    }

    private BoundListener Realise(SocketPlan plan, StreamTable streams)
    {
        if (listeners.Find(listener => !listener.IsGone && plan.IsServedBy(listener)) is { } existing)
        {
            existing.Follow(plan, streams);
            return existing;
        }

        var added = new BoundListener(plan);
        added.Follow(plan, streams);
        Bind(added);
        return added;
    }

    private void Bind(BoundListener listener)
    {
        try
        {
            listener.OnBound(Open(listener));
            if (listener.Attempts > 0)
            {
                Report(listener, DiagnosticSeverity.Info, "listener-bound", $"Now listening on {listener.Address}.");
            }
        }
        catch (Exception exception) when (exception is SocketException or NotSupportedException)
        {
            var reason = exception is SocketException failure ? Explain(failure) : exception.Message;
            if (reason != listener.Failure)
            {
                Report(
                    listener, DiagnosticSeverity.Error, "listener-not-bound", $"Cannot listen on {listener.Address}: {reason}. It is tried again.");
            }

            listener.OnFailed(reason);
            RetryLater(listener);
        }
    }

    private IListeningSocket Open(BoundListener listener) => listener.Protocol == ListenerProtocol.Udp
        ? transport.ListenDatagrams(listener.Address, datagrams?.Invoke(listener) ?? throw new NotSupportedException("datagrams are not set up"))
        : transport.Listen(listener.Address, channel => Accept(channel, listener));

    private void RetryLater(BoundListener listener)
    {
        var factor = 1 << Math.Min(listener.Attempts - 1, 10);
        var delay = options.RetryDelay * factor;
        delay = delay < LongestRetryDelay ? delay : LongestRetryDelay;
        var loop = transport.Loops[0];
        loop.Post(_ => loop.StartTimer(delay, static state => ((Action)state!)(), (Action)Retry), null);

        void Retry()
        {
            lock (gate)
            {
                if (!listener.IsGone)
                {
                    Bind(listener);
                }
            }
        }
    }

    private void Report(BoundListener listener, DiagnosticSeverity severity, string code, string message) =>
        options.Report(new Diagnostic(severity, code, message, listener.Origin));

    private static string Explain(SocketException exception) => exception.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => "another program has it, or one that had it is still being closed",
        SocketError.AccessDenied => "this user may not (ports below 1024 need a privilege)",
        SocketError.AddressNotAvailable => "the machine has no such address",
        SocketError.AddressFamilyNotSupported => "the machine has no such kind of address",
        _ => exception.Message,
    };

    private void Accept(Channel channel, BoundListener listener)
    {
        if (listener.UsesProxyProtocol || listener.Protocol is ListenerProtocol.Https or ListenerProtocol.Tls)
        {
            _ = PrepareAsync(channel, listener);
        }
        else
        {
            Hand(channel, listener, channel.RemoteEndPoint);
        }
    }

    /// <summary>Gives away a connection that is not looked into.</summary>
    private void Hand(Channel channel, BoundListener listener, IPEndPoint client)
    {
        if (listener.Streams.HasCleartext
            && listener.Streams.Find(new StreamContext { ServerName = default, Client = client.Address }) is { } route)
        {
            onStream(new AcceptedStream(channel, listener, client, route, "", default));
        }
        else if (listener.Protocol == ListenerProtocol.Http)
        {
            onConnection(new AcceptedConnection(channel, listener, null, client));
        }
        else
        {
            channel.Dispose();
        }
    }

    private async Task PrepareAsync(Channel channel, BoundListener listener)
    {
        var limit = channel.Loop.StartTimer(options.HandshakeTimeout, static channel => ((Channel)channel!).Abort(), channel);
        Action? serve;
        try
        {
            var client = channel.RemoteEndPoint;
            if (listener.UsesProxyProtocol)
            {
                client = await ProxyProtocol.ReadAsync(channel).ConfigureAwait(false) ?? client;
            }

            serve = listener.Protocol is ListenerProtocol.Https or ListenerProtocol.Tls
                ? await SecureAsync(channel, listener, client).ConfigureAwait(false)
                : () => Hand(channel, listener, client);
        }
        catch (Exception)
        {
            // Scanners, plain HTTP on a TLS port, clients that do not trust us: the client's business, not ours.
            channel.Dispose();
            return;
        }
        finally
        {
            limit.Cancel();
        }

        try
        {
            serve?.Invoke();
        }
        catch
        {
            channel.Abort();
            throw;
        }
    }

    /// <summary>Reads the ClientHello and does what its server name asks for; what is left to do afterwards, or null when nothing is.</summary>
    private async ValueTask<Action?> SecureAsync(Channel channel, BoundListener listener, IPEndPoint client)
    {
        var greeting = await TlsAcceptor.GreetAsync(channel, listener.Streams.HasCleartext).ConfigureAwait(false);
        var received = new ReceivedBytes(greeting.Buffer, greeting.Count);
        var isKept = false;
        try
        {
            var choice = greeting.Hello is null ? null : certificates.Choose(listener.Keys, greeting.Hello.ServerName);
            var route = FindStream(listener, greeting.Hello, client, choice);
            if (route is { Route: { Tls: not StreamTls.Terminate, Backends.IsEmpty: false } })
            {
                isKept = true;
                return () => onStream(new AcceptedStream(channel, listener, client, route, greeting.Hello?.ServerName ?? "", received));
            }

            if (greeting.Hello is null)
            {
                throw new ChannelException(ChannelError.Tls, "The client speaks no TLS, and nothing else is served.");
            }

            // A name that a route without backends claims is as good as unknown. No alert: where names are passed through, this gateway is no
            // TLS server to the client, and the Gateway API asks that the connection be closed (TLSRoute).
            var isServed = route is { Route.Backends.IsEmpty: false } || (route is null && listener.Protocol == ListenerProtocol.Https);
            if (!isServed)
            {
                throw new ChannelException(ChannelError.Tls, "No route takes the server name.");
            }

            if (choice!.IsRefused)
            {
                await TlsAcceptor.RefuseAsync(channel, TlsAlert.UnrecognizedName).ConfigureAwait(false);
                return null;
            }

            var (secure, info) = await TlsAcceptor
                .HandshakeAsync(channel, greeting, choice.OptionsFor(greeting.Hello, isHttp: route is null), choice.Verifier).ConfigureAwait(false);
            return route is null
                ? () => onConnection(new AcceptedConnection(secure, listener, info, client))
                : () => onStream(new AcceptedStream(secure, listener, client, route, info.ServerName, default));
        }
        finally
        {
            if (!isKept)
            {
                received.Return();
            }
        }
    }

    /// <summary>The stream route of a connection; null when HTTP has it, or nobody.</summary>
    private static CompiledStreamRoute? FindStream(BoundListener listener, ClientHello? hello, IPEndPoint client, TlsChoice? choice)
    {
        // RFC 1035 section 2.3.4: a longer name was refused with its ClientHello.
        Span<byte> name = stackalloc byte[255];
        var length = Encoding.ASCII.GetBytes(hello?.ServerName ?? "", name);
        var context = new StreamContext
        {
            ServerName = name[..length],
            Client = client.Address,
            IsTls = hello is not null,
            Protocols = hello?.Protocols ?? [],
        };
        var competitor = listener.Protocol == ListenerProtocol.Https && choice is not null ? Specificity.Of(choice.Binding.ServerName) : 0;
        return listener.Streams.Find(context, competitor);
    }
}
