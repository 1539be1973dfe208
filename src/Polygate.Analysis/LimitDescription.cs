using Polygate.Model;

namespace Polygate.Analysis;

/// <summary>Sentences for filters that limit how much a client may ask for.</summary>
internal static class LimitDescription
{
    public static IEnumerable<string> Body(BodyLimitFilter limit) =>
        [limit.MaximumBytes == 0 ? "The request's body may have any size." : $"A body of more than {limit.MaximumBytes} bytes is refused with {limit.RejectStatus}."];

    public static IEnumerable<string> Headers(HeaderLimitFilter limit)
    {
        if (limit.MaximumBytes > 0)
        {
            yield return $"Header fields of more than {limit.MaximumBytes} bytes together are refused with {limit.RejectStatus}.";
        }

        if (limit.MaximumCount > 0)
        {
            yield return $"More than {Words.Count(limit.MaximumCount, "header field")} are refused with {limit.RejectStatus}.";
        }
    }

    public static IEnumerable<string> Rate(RateLimitFilter rate)
    {
        var client = rate.ByHeader is { } header ? $"with the same value of the header {header}" : "from one client address";
        yield return $"More than {Words.Number(rate.Requests)} requests each {Words.Duration(rate.Period)} (bursts of {rate.Burst}) {client} are refused with {rate.RejectStatus}.";
        foreach (var sentence in Sharing(rate.Exempt, rate.Counter))
        {
            yield return sentence;
        }
    }

    public static IEnumerable<string> Concurrency(ConcurrencyLimitFilter limit)
    {
        var client = limit.Key is { } key ? $"with the same {key}" : "from one client address";
        yield return $"More than {Words.Count(limit.Maximum, "request")} at one time {client} are refused with {limit.RejectStatus}.";
        foreach (var sentence in Sharing(limit.Exempt, limit.Counter))
        {
            yield return sentence;
        }
    }

    public static IEnumerable<string> Bandwidth(BandwidthLimitFilter limit)
    {
        var after = limit.AfterBytes > 0 ? $" after its first {limit.AfterBytes} bytes" : "";
        yield return $"The body of an answer is sent with {limit.BytesPerSecond} bytes a second at most{after}.";
    }

    private static IEnumerable<string> Sharing(ValueList<string> exempt, string? counter)
    {
        if (!exempt.IsEmpty)
        {
            yield return $"Client addresses in {Words.AnyOf(exempt)} are not limited.";
        }

        if (counter is not null)
        {
            yield return $"The limit is shared with every route that counts in {counter}.";
        }
    }
}
