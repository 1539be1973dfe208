using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Filters;

/// <summary>
/// What filters remember from a request to its answer. One for each chain that is applied (the route's, the chosen
/// backend's); reused from request to request.
/// </summary>
public sealed class FilterState
{
    private readonly List<(FilterStep Step, object Note)> notes = [];
    private ByteText origin;

    /// <summary>How many filters of the chain saw the request: the answer passes those alone.</summary>
    internal int Passed { get; set; }

    /// <summary>The request's <c>Origin</c> before filters changed it; empty when absent.</summary>
    internal ReadOnlySpan<byte> Origin => origin.Span;

    /// <summary>The port of the listener that the request came to.</summary>
    internal int ListenerPort { get; private set; }

    /// <summary>The exchange, for filters that read the request's body or wait; null where filters run by themselves.</summary>
    internal HttpExchange? Exchange { get; private set; }

    /// <summary>Requests of the filters' own; null where filters run by themselves.</summary>
    internal Subrequests? Subrequests { get; private set; }

    /// <summary>Makes it ready for a request.</summary>
    /// <param name="listenerPort">The port of the matched route's listener.</param>
    public void Begin(int listenerPort)
    {
        ListenerPort = listenerPort;
        Passed = 0;
        origin.Clear();
        if (notes.Count > 0)
            End();
    }

    internal void Begin(int listenerPort, HttpExchange exchange, Subrequests subrequests)
    {
        Begin(listenerPort);
        Exchange = exchange;
        Subrequests = subrequests;
    }

    /// <summary>The exchange is over: what filters hold for it is given back.</summary>
    internal void End()
    {
        if (notes.Count == 0)
            return;

        foreach (var (step, note) in notes)
            step.OnEnd(note);

        notes.Clear();
    }

    internal void SetOrigin(ReadOnlySpan<byte> value) => origin.Set(value);

    /// <summary>Keeps something of a filter's own until the exchange is over.</summary>
    internal void Note(FilterStep step, object note) => notes.Add((step, note));

    /// <summary>What a filter kept; null when nothing.</summary>
    internal object? NoteOf(FilterStep step)
    {
        foreach (var (owner, note) in notes)
        {
            if (owner == step)
                return note;
        }

        return null;
    }
}
