using Polygate.Model;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Filters;

/// <summary>Refuses requests whose header fields are too many or too large.</summary>
internal sealed class HeaderLimitStep(HeaderLimitFilter filter) : FilterStep
{
    private readonly int maximumBytes = filter.MaximumBytes > 0 ? filter.MaximumBytes : int.MaxValue;
    private readonly int maximumCount = filter.MaximumCount > 0 ? filter.MaximumCount : int.MaxValue;
    private readonly LocalReply refusal = LocalReply.Of(filter.RejectStatus);

    public override LocalReply? OnRequest(RequestHead head, FilterState state) =>
        head.Headers.Count > maximumCount || head.Headers.WireSize > maximumBytes ? refusal : null;
}
