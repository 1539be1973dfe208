using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using Polygate.Model;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Routing.Conditions;

/// <summary>Tests the method.</summary>
internal sealed class MethodTest : CompiledCondition
{
    private readonly byte[][] methods;

    public MethodTest(MethodCondition condition)
        : base(condition) => methods = [.. condition.Methods.Select(Encoding.UTF8.GetBytes)];

    protected override bool Test(in MatchContext context)
    {
        var method = context.Head.Method;
        foreach (var candidate in methods)
        {
            if (method.SequenceEqual(candidate))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>Tests header fields; <c>Host</c> is the authority, which the header table does not hold.</summary>
internal sealed class HeaderTest : CompiledCondition
{
    private readonly byte[] name;
    private readonly TextMatcher[] values;
    private readonly bool joinValues;
    private readonly bool isHost;

    public HeaderTest(HeaderCondition condition, ICollection<string> problems)
        : base(condition)
    {
        name = Encoding.UTF8.GetBytes(condition.Name);
        values = TextMatcher.CreateAll(condition.Values.AsSpan(), problems);
        joinValues = condition.JoinValues;
        isHost = condition.Name.Equals("Host", StringComparison.OrdinalIgnoreCase);
    }

    protected override bool Test(in MatchContext context)
    {
        if (isHost)
        {
            return !context.Head.Authority.IsEmpty && TextMatcher.AnyMatches(values, context.Head.Authority);
        }

        var headers = context.Head.Headers;
        var line = headers.IndexOf(name);
        if (joinValues && line >= 0 && headers.IndexOf(name, line + 1) is >= 0 and var second)
        {
            return TestJoined(headers, line, second);
        }

        for (; line >= 0; line = headers.IndexOf(name, line + 1))
        {
            if (TextMatcher.AnyMatches(values, headers.Value(line)))
            {
                return true;
            }
        }

        return false;
    }

    private bool TestJoined(HeaderTable headers, int first, int second)
    {
        var length = headers.Value(first).Length;
        for (var line = second; line >= 0; line = headers.IndexOf(name, line + 1))
        {
            length += 1 + headers.Value(line).Length;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(length);
        var written = 0;
        for (var line = first; line >= 0; line = headers.IndexOf(name, line + 1))
        {
            if (line != first)
            {
                buffer[written++] = (byte)',';
            }

            headers.Value(line).CopyTo(buffer.AsSpan(written));
            written += headers.Value(line).Length;
        }

        try
        {
            return TextMatcher.AnyMatches(values, buffer.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

/// <summary>Tests query parameters.</summary>
internal sealed class QueryTest : CompiledCondition
{
    private readonly byte[] name;
    private readonly TextMatcher[] values;
    private readonly bool firstValueOnly;

    public QueryTest(QueryCondition condition, ICollection<string> problems)
        : base(condition)
    {
        name = Encoding.UTF8.GetBytes(condition.Name);
        values = TextMatcher.CreateAll(condition.Values.AsSpan(), problems);
        firstValueOnly = condition.FirstValueOnly;
    }

    protected override bool Test(in MatchContext context)
    {
        var query = new QueryReader(context.Head.Query);
        while (query.Next())
        {
            if (!QueryReader.DecodedEquals(query.Name, name))
            {
                continue;
            }

            var fits = Fits(query.Value);
            if (fits || firstValueOnly)
            {
                return fits;
            }
        }

        return false;
    }

    [SkipLocalsInit]
    private bool Fits(ReadOnlySpan<byte> encoded)
    {
        const int OnStack = 256;
        byte[]? rented = null;
        var decoded = encoded.Length <= OnStack ? stackalloc byte[OnStack] : (rented = ArrayPool<byte>.Shared.Rent(encoded.Length));
        try
        {
            return TextMatcher.AnyMatches(values, decoded[..QueryReader.Decode(encoded, decoded)]);
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }
}

/// <summary>Tests a cookie; any of several cookies of the name may fit.</summary>
internal sealed class CookieTest : CompiledCondition
{
    private readonly byte[] name;
    private readonly TextMatcher value;

    public CookieTest(CookieCondition condition, ICollection<string> problems)
        : base(condition)
    {
        name = Encoding.UTF8.GetBytes(condition.Name);
        value = TextMatcher.Create(condition.Value, problems);
    }

    protected override bool Test(in MatchContext context)
    {
        var cookies = new CookieReader(context.Head.Headers);
        while (cookies.Next())
        {
            if (cookies.Name.SequenceEqual(name) && value.IsMatch(cookies.Value))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>Tests the host.</summary>
internal sealed class HostTest : CompiledCondition
{
    private readonly HostMatcher matcher;

    public HostTest(HostCondition condition, ICollection<string> problems)
        : base(condition) => matcher = HostMatcher.Create(condition.Host, problems);

    protected override bool Test(in MatchContext context) => matcher.IsMatch(context.Head.Host);
}

/// <summary>Tests the path.</summary>
internal sealed class PathTest : CompiledCondition
{
    private readonly PathMatcher matcher;

    public PathTest(PathCondition condition, ICollection<string> problems)
        : base(condition) => matcher = PathMatcher.Create(condition.Path, problems);

    protected override bool Test(in MatchContext context) => matcher.IsMatch(context.Head.Path);
}

/// <summary>Tests this request's draw of a group.</summary>
internal sealed class ShareTest : CompiledCondition
{
    private readonly ulong group;
    private readonly double below;

    public ShareTest(ShareCondition condition)
        : base(condition)
    {
        group = MatchContext.GroupOf(condition.Group);
        below = condition.Below;
    }

    protected override bool Test(in MatchContext context) => context.DrawOf(group) < below;
}
