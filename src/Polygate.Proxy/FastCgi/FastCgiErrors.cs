using System.Text;
using Polygate.Proxy.Http;
using Polygate.Proxy.Transport;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.FastCgi;

/// <summary>What an application writes to its standard error while it answers one request: the beginning of it, for the log.</summary>
internal sealed class FastCgiErrors
{
    private const int KeptBytes = 1024;

    /// <summary>Who writes more has no answer to give.</summary>
    private const int MaximumBytes = 1024 * 1024;

    private byte[] kept = [];
    private int keptLength;
    private int length;

    /// <exception cref="BadMessageException">It is too much.</exception>
    public void Append(ReadOnlySpan<byte> piece)
    {
        length += piece.Length;
        if (length > MaximumBytes)
            throw new BadMessageException(502, "too much on the standard error");

        var beginning = piece[..Math.Min(piece.Length, KeptBytes - keptLength)];
        if (beginning.IsEmpty)
            return;

        if (kept.Length == 0)
            kept = new byte[KeptBytes];

        beginning.CopyTo(kept.AsSpan(keptLength));
        keptLength += beginning.Length;
    }

    /// <summary>Tells what was written, where anything was.</summary>
    public void ReportTo(FastCgiErrorLog log, UpstreamEndpoint endpoint)
    {
        if (length > 0)
            log.Write(endpoint, kept.AsSpan(0, keptLength), length - keptLength);
    }
}

/// <summary>
/// The lines of one loop in the program's log about what applications write to their standard errors: so few that no application can fill the log.
/// </summary>
internal sealed class FastCgiErrorLog(EventLoop loop, Action<string> report)
{
    private const int LinesEachSecond = 10;

    private long second;
    private int lines;
    private long omitted;

    /// <param name="endpoint">Who wrote it.</param>
    /// <param name="text">What was written.</param>
    /// <param name="more">How many more bytes there were.</param>
    public void Write(UpstreamEndpoint endpoint, ReadOnlySpan<byte> text, int more)
    {
        if (loop.Now / 1000 != second)
        {
            second = loop.Now / 1000;
            lines = 0;
        }

        if (++lines > LinesEachSecond)
        {
            omitted++;
            return;
        }

        var line = new StringBuilder($"The FastCGI backend {endpoint} wrote: ");
        foreach (var character in Encoding.UTF8.GetString(text).Trim())
            line.Append(char.IsControl(character) ? ' ' : character);

        if (more > 0)
            line.Append(" … (").Append(more).Append(" bytes more)");

        if (omitted > 0)
            line.Append(" (").Append(omitted).Append(" messages before were left out)");

        omitted = 0;
        report(line.ToString());
    }
}
