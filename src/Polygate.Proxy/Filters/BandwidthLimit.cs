namespace Polygate.Proxy.Filters;

/// <summary>How fast a body is sent.</summary>
/// <param name="BytesPerSecond">1 or more.</param>
/// <param name="AfterBytes">The first bytes, which are not limited.</param>
public sealed record BandwidthLimit(long BytesPerSecond, long AfterBytes)
{
    /// <summary>How long to wait before more is sent.</summary>
    /// <param name="sent">Bytes of the body sent so far.</param>
    /// <param name="elapsed">Milliseconds since the first of them.</param>
    public TimeSpan WaitAfter(long sent, long elapsed)
    {
        var due = Math.Max(0, sent - AfterBytes) * 1000.0 / Math.Max(1, BytesPerSecond);
        return due > elapsed ? TimeSpan.FromMilliseconds(Math.Min(due - elapsed, 60_000)) : TimeSpan.Zero;
    }
}
