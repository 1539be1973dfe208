namespace Polygate.Proxy.Http2.Client;

/// <summary>
/// Who of a connection's streams sends next when not all can: in the order in which they had to wait, a frame each, so that one that has much to
/// send does not keep the others from it.
/// </summary>
internal sealed class SendTurns
{
    private readonly List<ClientStream> waiting = [];
    private ClientStream? next;

    /// <summary>Whether anybody waits.</summary>
    public bool IsWanted => waiting.Count > 0;

    /// <summary>Whether a stream may send now, as far as the others are concerned.</summary>
    public bool IsOf(ClientStream stream) => next == stream || (next is null && waiting.Count == 0);

    /// <summary>Puts a stream behind the others.</summary>
    public void Wait(ClientStream stream)
    {
        Leave(stream);
        waiting.Add(stream);
    }

    /// <summary>A stream has had its turn, or wants none any more.</summary>
    public void Leave(ClientStream stream)
    {
        if (next == stream)
            next = null;
        else if (waiting.Count > 0)
            waiting.Remove(stream);
    }

    /// <summary>There is room: the first of those who wait is woken, unless one is already.</summary>
    public void Offer()
    {
        if (next is not null || waiting.Count == 0)
            return;

        next = waiting[0];
        waiting.RemoveAt(0);
        next.WakeToSend();
    }
}
