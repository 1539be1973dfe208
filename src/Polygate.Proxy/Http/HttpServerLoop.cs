namespace Polygate.Proxy.Http;

/// <summary>What takes exchanges from the connections, whatever version of HTTP they speak.</summary>
internal interface IExchangeHandler
{
    /// <summary>Answers a request; when this completes the answer was sent, or the exchange was aborted. Never fails.</summary>
    ValueTask HandleAsync(HttpExchange exchange);

    /// <summary>Answers a message that is no acceptable request, and records it. Never fails but with the channel.</summary>
    ValueTask RefuseAsync(HttpExchange exchange, int status, string reason);
}

/// <summary>The serving of HTTP/1.x on one loop: its connections, and the exchanges they borrow while a request is under way.</summary>
internal sealed class HttpServerLoop(HttpLimits limits, IExchangeHandler pipeline, IHttp2Server? http2, Action<string, Exception?> report)
{
    /// <summary>How much is read, and thrown away, from a client whose connection is being closed.</summary>
    public const int LingerBytes = 1024 * 1024;

    private const int ExchangesKept = 1024;

    /// <summary>Limits that listeners set, until they are forgotten together: each change of settings makes new ones.</summary>
    private const int LimitsKept = 64;

    private readonly HashSet<Http1ServerConnection> connections = [];
    private readonly Stack<Http1Exchange> exchanges = new();
    private readonly Dictionary<HttpLimits, Stack<Http1Exchange>> exchangesOfListeners = new(ReferenceEqualityComparer.Instance);

    public HttpLimits Limits => limits;

    public IExchangeHandler Pipeline => pipeline;

    public IHttp2Server? Http2 => http2;

    public int LingerMilliseconds => 2000;

    /// <summary>Whether connections end with the request they serve.</summary>
    public bool IsDraining { get; private set; }

    public int Connections => connections.Count;

    public void Report(string message, Exception exception) => report(message, exception);

    public void Add(Http1ServerConnection connection) => connections.Add(connection);

    public void Remove(Http1ServerConnection connection) => connections.Remove(connection);

    public Http1Exchange RentExchange(Http1ServerConnection connection)
    {
        if (!ExchangesFor(connection.Limits).TryPop(out var exchange))
            exchange = new Http1Exchange(connection.Limits);

        exchange.Begin(connection);
        return exchange;
    }

    public void ReturnExchange(Http1Exchange exchange)
    {
        exchange.End();
        var kept = ExchangesFor(exchange.Limits);
        if (kept.Count < ExchangesKept)
            kept.Push(exchange);
    }

    /// <summary>Exchanges read messages by the limits that they were made with.</summary>
    private Stack<Http1Exchange> ExchangesFor(HttpLimits wanted)
    {
        if (ReferenceEquals(wanted, limits))
            return exchanges;

        if (!exchangesOfListeners.TryGetValue(wanted, out var kept))
        {
            if (exchangesOfListeners.Count == LimitsKept)
                exchangesOfListeners.Clear();

            exchangesOfListeners.Add(wanted, kept = new Stack<Http1Exchange>());
        }

        return kept;
    }

    /// <summary>Closes idle connections; the others end with the request they serve.</summary>
    public void Drain()
    {
        IsDraining = true;
        foreach (var connection in connections.ToArray())
            connection.CloseIfIdle();
    }
}
