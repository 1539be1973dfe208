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

    private readonly HashSet<Http1ServerConnection> connections = [];
    private readonly Stack<Http1Exchange> exchanges = new();

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
        if (!exchanges.TryPop(out var exchange))
            exchange = new Http1Exchange(limits);

        exchange.Begin(connection);
        return exchange;
    }

    public void ReturnExchange(Http1Exchange exchange)
    {
        exchange.End();
        if (exchanges.Count < ExchangesKept)
            exchanges.Push(exchange);
    }

    /// <summary>Closes idle connections; the others end with the request they serve.</summary>
    public void Drain()
    {
        IsDraining = true;
        foreach (var connection in connections.ToArray())
            connection.CloseIfIdle();
    }
}
