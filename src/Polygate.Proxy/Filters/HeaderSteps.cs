using Polygate.Model;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Filters;

/// <summary>Header changes as bytes.</summary>
internal sealed class CompiledHeaderChanges
{
    private readonly byte[][] remove;
    private readonly (byte[] Name, byte[] Value)[] set;
    private readonly (byte[] Name, byte[] Value)[] setIfPresent;
    private readonly (byte[] Name, byte[] Value)[] add;
    private readonly (byte[] Name, byte[] Value)[] setIfAbsent;

    public CompiledHeaderChanges(HeaderChanges changes)
    {
        remove = [.. changes.Remove.Select(HeaderText.Name)];
        set = Compile(changes.Set);
        setIfPresent = Compile(changes.SetIfPresent);
        add = Compile(changes.Add);
        setIfAbsent = Compile(changes.SetIfAbsent);
    }

    public void Apply(HeaderTable headers)
    {
        foreach (var name in remove)
        {
            headers.Remove(name);
        }

        foreach (var (name, value) in set)
        {
            headers.Set(name, value);
        }

        foreach (var (name, value) in setIfPresent)
        {
            if (headers.Contains(name))
            {
                headers.Set(name, value);
            }
        }

        foreach (var (name, value) in add)
        {
            headers.Add(name, value);
        }

        foreach (var (name, value) in setIfAbsent)
        {
            if (!headers.Contains(name))
            {
                headers.Add(name, value);
            }
        }
    }

    private static (byte[] Name, byte[] Value)[] Compile(ValueList<HeaderValue> values) =>
        [.. values.Select(header => (HeaderText.Name(header.Name), HeaderText.Value(header.Value)))];
}

/// <summary>Changes the header fields of requests. <c>Host</c> is the authority, which the header table does not hold: setting it replaces that.</summary>
internal sealed class RequestHeaderStep : FilterStep
{
    private readonly CompiledHeaderChanges changes;
    private readonly byte[]? host;
    private readonly byte[]? hostIfAbsent;

    public RequestHeaderStep(RequestHeaderFilter filter)
    {
        var given = filter.Changes;
        host = LastHost([.. given.Set, .. given.SetIfPresent, .. given.Add]);
        hostIfAbsent = LastHost(given.SetIfAbsent);
        changes = new CompiledHeaderChanges(new HeaderChanges
        {
            // A request without a host is not HTTP/1.1 (RFC 9112 section 3.2): it can be replaced, not removed.
            Remove = given.Remove.Where(name => !IsHost(name)).ToValueList(),
            Set = WithoutHost(given.Set),
            SetIfPresent = WithoutHost(given.SetIfPresent),
            Add = WithoutHost(given.Add),
            SetIfAbsent = WithoutHost(given.SetIfAbsent),
        });
    }

    public override LocalReply? OnRequest(RequestHead head, FilterState state)
    {
        changes.Apply(head.Headers);
        if (host is not null)
        {
            head.SetAuthority(host);
        }
        else if (hostIfAbsent is not null && head.Authority.IsEmpty)
        {
            head.SetAuthority(hostIfAbsent);
        }

        return null;
    }

    private static bool IsHost(string name) => name.Equals("Host", StringComparison.OrdinalIgnoreCase);

    private static ValueList<HeaderValue> WithoutHost(ValueList<HeaderValue> headers) => headers.Where(header => !IsHost(header.Name)).ToValueList();

    private static byte[]? LastHost(IEnumerable<HeaderValue> headers) =>
        headers.LastOrDefault(header => IsHost(header.Name)) is { } header ? HeaderText.Value(header.Value) : null;
}

/// <summary>Changes the header fields of answers.</summary>
internal sealed class ResponseHeaderStep : FilterStep
{
    private readonly CompiledHeaderChanges changes;

    public ResponseHeaderStep(ResponseHeaderFilter filter) => changes = new CompiledHeaderChanges(filter.Changes);

    public override void OnResponse(RequestHead head, ResponseHead response, FilterState state) => changes.Apply(response.Headers);
}

/// <summary>Refuses bodies whose announced length is too large.</summary>
internal sealed class BodyLimitStep : FilterStep
{
    private readonly BodyLimit limit;

    public BodyLimitStep(BodyLimit limit) => this.limit = limit;

    public override LocalReply? OnRequest(RequestHead head, FilterState state) =>
        head.Headers.TryGet("content-length"u8, out var value)
        && (!System.Buffers.Text.Utf8Parser.TryParse(value, out long length, out _) || length > limit.MaximumBytes)
            ? limit.Refusal
            : null;
}

/// <summary>Answers every request.</summary>
internal sealed class RefuseStep : FilterStep
{
    private readonly LocalReply reply;

    public RefuseStep(LocalReply reply) => this.reply = reply;

    public override LocalReply? OnRequest(RequestHead head, FilterState state) => reply;
}
