using Polygate.Model;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;

namespace Polygate.Proxy.Filters;

/// <summary>Limits the rate of requests of a client; one without the header that names it is known by its address.</summary>
internal sealed class RateLimitStep : FilterStep
{
    private readonly RateLimiter limiter;
    private readonly double perMillisecond;
    private readonly double burst;
    private readonly byte[]? header;
    private readonly AddressNetwork[] exempt;
    private readonly LocalReply refusal;

    public RateLimitStep(RateLimitFilter filter, RateLimiter limiter, ICollection<string> problems)
    {
        this.limiter = limiter;
        perMillisecond = filter.Requests / Math.Max(1, filter.Period.TotalMilliseconds);
        burst = Math.Max(1, filter.Burst);
        header = filter.ByHeader is null ? null : HeaderText.Name(filter.ByHeader);
        exempt = AddressNetwork.ParseAll(filter.Exempt.AsSpan(), problems);
        refusal = LocalReply.Of(filter.RejectStatus, filter.RejectBody);
    }

    public override LocalReply? OnRequest(RequestHead head, FilterState state) =>
        IsExempt(head) || limiter.TryTake(KeyOf(head), perMillisecond, burst, Environment.TickCount64) ? null : refusal;

    private bool IsExempt(RequestHead head) => exempt.Length > 0 && AddressNetwork.AnyContains(exempt, head.ClientAddress);

    private UInt128 KeyOf(RequestHead head)
    {
        if (header is null || !head.Headers.TryGet(header, out var value))
        {
            return AddressNumber.Of(head.ClientAddress, out _);
        }

        return TextDigest.Of(value);
    }
}
