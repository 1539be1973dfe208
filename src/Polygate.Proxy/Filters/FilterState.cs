using Polygate.Proxy.Http;

namespace Polygate.Proxy.Filters;

/// <summary>
/// What filters remember from a request to its answer. One for each chain that is applied (the route's, the chosen
/// backend's); reused from request to request.
/// </summary>
public sealed class FilterState
{
    private ByteText origin;

    /// <summary>How many filters of the chain saw the request: the answer passes those alone.</summary>
    internal int Passed { get; set; }

    /// <summary>The request's <c>Origin</c> before filters changed it; empty when absent.</summary>
    internal ReadOnlySpan<byte> Origin => origin.Span;

    /// <summary>The port of the listener that the request came to.</summary>
    internal int ListenerPort { get; private set; }

    /// <summary>Makes it ready for a request.</summary>
    /// <param name="listenerPort">The port of the matched route's listener.</param>
    public void Begin(int listenerPort)
    {
        ListenerPort = listenerPort;
        Passed = 0;
        origin.Clear();
    }

    internal void SetOrigin(ReadOnlySpan<byte> value) => origin.Set(value);
}
