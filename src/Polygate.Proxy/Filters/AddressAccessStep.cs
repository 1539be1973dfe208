using Polygate.Model;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;

namespace Polygate.Proxy.Filters;

/// <summary>Allows or refuses by the client's address.</summary>
internal sealed class AddressAccessStep : FilterStep
{
    private readonly AddressAccessFilter filter;
    private readonly AddressNetwork[] allow;
    private readonly AddressNetwork[] deny;

    public AddressAccessStep(AddressAccessFilter filter, ICollection<string> problems)
    {
        this.filter = filter;
        allow = AddressNetwork.ParseAll(filter.Allow.AsSpan(), problems);
        deny = AddressNetwork.ParseAll(filter.Deny.AsSpan(), problems);
    }

    public override LocalReply? OnRequest(RequestHead head, FilterState state)
    {
        var address = head.ClientAddress;
        if (!AddressNetwork.AnyContains(deny, address) && (allow.Length == 0 || AddressNetwork.AnyContains(allow, address)))
        {
            return null;
        }

        return LocalReply.Of(filter.RejectStatus, filter.RejectBody.Replace("{address}", address.ToString(), StringComparison.Ordinal));
    }
}
