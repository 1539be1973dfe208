using System.Collections.Immutable;
using System.Net.Sockets;
using Polygate.Model;
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
    private readonly Lock gate = new();
    private List<BoundListener> listeners = [];
    private volatile CertificateStore certificates = CertificateStore.Empty;

    /// <param name="transport">Where connections come from; stays its owner's.</param>
    /// <param name="options">The installation's part.</param>
    /// <param name="onConnection">Called on the connection's loop; owns the channel from then on.</param>
    public ListenerManager(ITransport transport, ListenerOptions options, Action<AcceptedConnection> onConnection)
    {
        this.transport = transport;
        this.options = options;
        this.onConnection = onConnection;
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
    /// <returns>What is wrong with them; failures to bind are reported on their own.</returns>
    public ImmutableArray<Diagnostic> Apply(GatewayConfiguration configuration)
    {
        lock (gate)
        {
            var store = CertificateStore.Build(configuration, certificates);
            certificates = store;
            List<Diagnostic> diagnostics = [.. store.Diagnostics];
            var plans = SocketPlan.For(configuration, options, diagnostics);

            // An address whose protocol changes is closed before it is opened again.
            foreach (var gone in listeners.Where(listener => !plans.Exists(plan => plan.IsServedBy(listener))))
            {
                gone.Close();
            }

            listeners = plans.ConvertAll(Realise);
            return [.. diagnostics];
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

    private BoundListener Realise(SocketPlan plan)
    {
        if (listeners.Find(listener => !listener.IsGone && plan.IsServedBy(listener)) is { } existing)
        {
            existing.SetKeys(plan.Keys);
            return existing;
        }

        var added = new BoundListener(plan);
        Bind(added);
        return added;
    }

    private void Bind(BoundListener listener)
    {
        try
        {
            listener.OnBound(transport.Listen(listener.Address, channel => Accept(channel, listener)));
            if (listener.Attempts > 0)
            {
                Report(listener, DiagnosticSeverity.Info, "listener-bound", $"Now listening on {listener.Address}.");
            }
        }
        catch (SocketException exception)
        {
            var reason = Explain(exception);
            if (reason != listener.Failure)
            {
                Report(
                    listener, DiagnosticSeverity.Error, "listener-not-bound", $"Cannot listen on {listener.Address}: {reason}. It is tried again.");
            }

            listener.OnFailed(reason);
            RetryLater(listener);
        }
    }

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
        if (listener.Protocol == ListenerProtocol.Http && !listener.UsesProxyProtocol)
        {
            onConnection(new AcceptedConnection(channel, listener, null, channel.RemoteEndPoint));
        }
        else
        {
            _ = PrepareAsync(channel, listener);
        }
    }

    private async Task PrepareAsync(Channel channel, BoundListener listener)
    {
        var limit = channel.Loop.StartTimer(options.HandshakeTimeout, static channel => ((Channel)channel!).Abort(), channel);
        AcceptedConnection connection;
        try
        {
            var client = channel.RemoteEndPoint;
            if (listener.UsesProxyProtocol)
            {
                client = await ProxyProtocol.ReadAsync(channel).ConfigureAwait(false) ?? client;
            }

            connection = new AcceptedConnection(channel, listener, null, client);
            if (listener.Protocol == ListenerProtocol.Https)
            {
                var (secure, info) = await TlsAcceptor
                    .AcceptAsync(channel, hello => certificates.Select(listener.Keys, hello)).ConfigureAwait(false);
                connection = connection with { Channel = secure, Tls = info };
            }
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
            onConnection(connection);
        }
        catch
        {
            connection.Channel.Abort();
            throw;
        }
    }
}
