using Polygate.Model;

namespace Polygate.Proxy.Routing.Conditions;

/// <summary>A <see cref="MatchCondition"/> made ready to test requests.</summary>
internal abstract class CompiledCondition
{
    protected CompiledCondition(MatchCondition condition) => Condition = condition;

    /// <summary>What it was made from.</summary>
    public MatchCondition Condition { get; }

    /// <exception cref="System.Text.RegularExpressions.RegexMatchTimeoutException">A backtracking pattern ran out of time: the condition holds neither plain nor negated.</exception>
    public bool Holds(in MatchContext context) => Test(context) != Condition.Negated;

    protected abstract bool Test(in MatchContext context);

    /// <summary>Makes the conditions of a match ready; adds what is wrong with them to the problems.</summary>
    public static CompiledCondition[] CompileAll(ReadOnlySpan<MatchCondition> conditions, ICollection<string> problems)
    {
        if (conditions.IsEmpty)
        {
            return [];
        }

        var compiled = new CompiledCondition[conditions.Length];
        for (var i = 0; i < conditions.Length; i++)
        {
            compiled[i] = Compile(conditions[i], problems);
        }

        return compiled;
    }

    private static CompiledCondition Compile(MatchCondition condition, ICollection<string> problems) => condition switch
    {
        MethodCondition method => new MethodTest(method),
        HeaderCondition header => new HeaderTest(header, problems),
        QueryCondition query => new QueryTest(query, problems),
        CookieCondition cookie => new CookieTest(cookie, problems),
        ClientAddressCondition address => new ClientAddressTest(address, problems),
        HostCondition host => new HostTest(host, problems),
        PathCondition path => new PathTest(path, problems),
        TlsCondition tls => new TlsTest(tls),
        ServerNameCondition name => new ServerNameTest(name, problems),
        ShareCondition share => new ShareTest(share),
        ApplicationProtocolCondition protocol => new UnusableTest(protocol, "ALPN chooses between routes of connections, not of requests.", problems),
        _ => throw new ArgumentOutOfRangeException(nameof(condition), condition, "A kind of condition that this engine does not know."),
    };
}
