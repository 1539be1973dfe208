namespace Polygate.Proxy.Forwarding;

/// <summary>
/// How long the last attempt to have a request answered by a backend took: what nginx calls <c>$upstream_connect_time</c>,
/// <c>$upstream_header_time</c> and <c>$upstream_response_time</c>. All in milliseconds since the attempt began, on the loop's clock, which is
/// taken once a turn (as nginx's is); null for what the attempt did not come to. Part of an exchange, and reused with it.
/// </summary>
/// <param name="connect">See <see cref="Connect"/>.</param>
/// <param name="head">See <see cref="Head"/>.</param>
/// <param name="end">See <see cref="End"/>.</param>
public sealed class AttemptTimes(long? connect = null, long? head = null, long? end = null)
{
    private long began;

    /// <summary>Until there was a connection, with TLS where the backend has it; 0 for one that rested in its pool.</summary>
    public long? Connect { get; private set; } = connect;

    /// <summary>Until the head of the answer had come.</summary>
    public long? Head { get; private set; } = head;

    /// <summary>
    /// Until the answer had come to its end, or was given up. Answers are not read faster than their clients take them, so that a slow client
    /// makes it longer.
    /// </summary>
    public long? End { get; private set; } = end;

    /// <summary>There was no attempt yet.</summary>
    internal void Clear() => Connect = Head = End = null;

    internal void Begin(long now)
    {
        Clear();
        began = now;
    }

    internal void Connected(long now) => Connect = now - began;

    internal void HeadCame(long now) => Head = now - began;

    /// <summary>The first time counts.</summary>
    internal void Ended(long now) => End ??= now - began;
}
