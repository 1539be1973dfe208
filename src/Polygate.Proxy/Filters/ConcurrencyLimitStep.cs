using Polygate.Model;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;

namespace Polygate.Proxy.Filters;

/// <summary>Limits the requests under way for each key; a request counts until its answer was sent.</summary>
internal sealed class ConcurrencyLimitStep : FilterStep
{
    private readonly ConcurrencyLimiter limiter;
    private readonly int maximum;
    private readonly CompiledTemplate? key;
    private readonly AddressNetwork[] exempt;
    private readonly LocalReply refusal;

    public ConcurrencyLimitStep(ConcurrencyLimitFilter filter, ConcurrencyLimiter limiter, ICollection<string> problems)
    {
        this.limiter = limiter;
        maximum = filter.Maximum;
        key = filter.Key is null ? null : new CompiledTemplate(filter.Key);
        exempt = AddressNetwork.ParseAll(filter.Exempt.AsSpan(), problems);
        refusal = LocalReply.Of(filter.RejectStatus, filter.RejectBody);
    }

    public override bool UsesOriginal => key is { UsesOriginal: true };

    public override LocalReply? OnRequest(RequestHead head, FilterState state)
    {
        if (exempt.Length > 0 && AddressNetwork.AnyContains(exempt, head.ClientAddress))
            return null;

        UInt128 counted;
        if (key is null)
        {
            counted = AddressNumber.Of(head.ClientAddress, out _);
        }
        else
        {
            var text = key.Render(head, state);
            if (text.IsEmpty)
                return null;

            counted = TextDigest.Of(text);
        }

        if (!limiter.TryEnter(counted, maximum))
            return refusal;

        state.Note(this, new Place(limiter, counted));
        return null;
    }

    public override void OnEnd(object note)
    {
        var place = (Place)note;
        place.Limiter.Leave(place.Key);
    }

    private sealed record Place(ConcurrencyLimiter Limiter, UInt128 Key);
}
