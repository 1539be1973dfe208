namespace Polygate.Testing.ApiServer.Faults;

/// <summary>What goes wrong with the API server, until <see cref="Clear"/>. Refused connections: <see cref="TestApiServer.StopAsync"/>.</summary>
public sealed class FaultSwitches
{
    private volatile Refusal? refusal;

    internal Gate Requests { get; } = new();

    /// <summary>The gate that new connections are put behind.</summary>
    internal Gate Bytes { get; private set; } = new();

    internal Refusal? Current => refusal;

    /// <summary>How long each request waits before it is looked at.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Which requests a refusal is for, by method and path; all where null.</summary>
    public Func<string, string, bool>? Only { get; set; }

    /// <summary>Is told of each request by its path and query before it is looked at: what happens between two requests of a client.</summary>
    public Action<string>? Before { get; set; }

    /// <summary>Refuses streaming lists, as a server does whose etcd is older than 3.4.25 or 3.5.8: an error event with code 500.</summary>
    public bool NoStreamingLists { get; set; }

    /// <summary>Answers every request with an error: 429 and 503 with <c>Retry-After</c>, 500 as an internal error.</summary>
    /// <param name="code">The HTTP status.</param>
    /// <param name="retryAfter">What <c>Retry-After</c> says, in whole seconds; null for none.</param>
    /// <param name="message">What the <c>Status</c> says; null for what the code is usually given with.</param>
    public void Answer(int code, TimeSpan? retryAfter = null, string? message = null) => refusal = new Refusal(code, retryAfter, message);

    /// <summary>Takes requests and answers none; running watches fall silent.</summary>
    public void Hang() => Requests.Close();

    /// <summary>Moves no byte any more on connections, which stay open for good; new ones work again after <see cref="Clear"/>.</summary>
    public void HalfOpen() => Bytes.Close();

    /// <summary>Everything works again; requests that hang go on.</summary>
    public void Clear()
    {
        refusal = null;
        Only = null;
        Before = null;
        Delay = TimeSpan.Zero;
        NoStreamingLists = false;
        Requests.Open();
        if (Bytes.IsClosed)
        {
            Bytes = new Gate();
        }
    }

    internal bool IsRefused(string method, string path) => refusal is not null && Only?.Invoke(method, path) != false;

    internal sealed record Refusal(int Code, TimeSpan? RetryAfter, string? Message);
}
