using System.Text;
using Polygate.Model;

namespace Polygate.Proxy.Routing.Conditions;

/// <summary>Tests the client's address.</summary>
internal sealed class ClientAddressTest : CompiledCondition
{
    private readonly AddressNetwork[] networks;
    private readonly bool peerOnly;

    public ClientAddressTest(ClientAddressCondition condition, ICollection<string> problems)
        : base(condition)
    {
        networks = AddressNetwork.ParseAll(condition.Networks.AsSpan(), problems);
        peerOnly = condition.PeerOnly;
    }

    protected override bool Test(in MatchContext context) =>
        AddressNetwork.AnyContains(networks, peerOnly ? context.Head.Client.PeerAddress : context.Head.ClientAddress);
}

/// <summary>A condition that requests cannot be tested for: its match is reported and never holds.</summary>
internal sealed class UnusableTest : CompiledCondition
{
    public UnusableTest(MatchCondition condition, string reason, ICollection<string> problems)
        : base(condition) => problems.Add(reason);

    protected override bool Test(in MatchContext context) => Condition.Negated;
}

/// <summary>Tests whether the client used TLS.</summary>
internal sealed class TlsTest : CompiledCondition
{
    public TlsTest(TlsCondition condition)
        : base(condition)
    {
    }

    protected override bool Test(in MatchContext context) => context.Head.IsTls;
}

/// <summary>Tests the server name of the TLS handshake.</summary>
internal sealed class ServerNameTest : CompiledCondition
{
    // RFC 1035 section 2.3.4: names are 255 bytes at most, so a longer one fits no pattern.
    private const int LongestName = 255;
    private readonly HostMatcher matcher;

    public ServerNameTest(ServerNameCondition condition, ICollection<string> problems)
        : base(condition) => matcher = HostMatcher.Create(condition.Host, problems);

    protected override bool Test(in MatchContext context)
    {
        var client = context.Head.Client;
        if (!client.IsTls)
        {
            return false;
        }

        Span<byte> name = stackalloc byte[LongestName];
        return Encoding.UTF8.TryGetBytes(client.ServerName, name, out var length) && matcher.IsMatch(name[..length]);
    }
}
