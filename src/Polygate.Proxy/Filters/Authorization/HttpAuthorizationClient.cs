using System.Text;
using Polygate.Model;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.Filters.Authorization;

/// <summary>Asks by an HTTP request of its own; the status of the answer decides.</summary>
internal sealed class HttpAuthorizationClient : AuthorizationClient
{
    /// <summary>Fields about a body, which the question has not, unless it has the client's.</summary>
    private static readonly byte[][] BodyFields =
        [.. new[] { "content-type", "content-encoding", "content-language", "content-range", "content-md5", "digest", "trailer" }.Select(HeaderText.Name)];

    private readonly AuthorizationRequest request;
    private readonly AuthorizationSuccess success;
    private readonly AuthorizationDenial denial;
    private readonly UpstreamCluster cluster;
    private readonly byte[]? method;
    private readonly byte[]? host;
    private readonly CompiledTemplate? path;
    private readonly byte[][] forwarded;
    private readonly byte[][] forwardedPrefixes;
    private readonly (byte[] Name, CompiledTemplate Value)[] set;
    private readonly byte[][] copyToRequest;
    private readonly TextRegex? copyToRequestPattern;
    private readonly byte[][] copyToResponse;
    private readonly byte[][] cookiesToResponse;
    private readonly byte[][] denialHeaders;
    private readonly CompiledTemplate? signIn;

    public HttpAuthorizationClient(ExternalAuthorizationFilter filter, UpstreamCluster cluster, ICollection<string> problems)
    {
        this.cluster = cluster;
        (request, success, denial) = (filter.Request, filter.Success, filter.Denial);
        method = request.Method is null ? null : Encoding.ASCII.GetBytes(request.Method);
        host = request.Host is null ? null : HeaderText.Value(request.Host);
        path = request.Path is null ? null : new CompiledTemplate(request.Path);
        forwarded = Names(request.Headers);
        forwardedPrefixes = [.. request.HeaderPrefixes.Select(Encoding.ASCII.GetBytes)];
        set =
        [
            .. filter.Context.Select(header => (HeaderText.Name(header.Name), new CompiledTemplate(TextTemplate.Literal(header.Value)))),
            .. request.Set.Select(header => (HeaderText.Name(header.Name), new CompiledTemplate(header.Value))),
        ];
        copyToRequest = Names(success.CopyToRequest);
        copyToResponse = Names(success.CopyToResponse);
        cookiesToResponse = [.. success.CookiesToResponse.Select(Encoding.UTF8.GetBytes)];
        denialHeaders = Names(denial.Headers);
        signIn = denial.SignIn is null ? null : new CompiledTemplate(denial.SignIn);
        if (success.CopyToRequestPattern is { } pattern)
        {
            if (TextRegex.TryCreate(pattern, ignoreCase: true, out var compiled, out var problem))
                copyToRequestPattern = compiled;
            else
                problems.Add(problem);
        }
    }

    public override bool UsesOriginal =>
        path is null or { UsesOriginal: true } || signIn is { UsesOriginal: true } || Array.Exists(set, header => header.Value.UsesOriginal);

    public override BackendProtocol? Protocol => null;

    public override int MaximumBytes => denial.MaximumBodyBytes;

    public override ReadOnlyMemory<byte> Ask(RequestHead head, FilterState state, ReadOnlyMemory<byte> body, RequestHead question)
    {
        question.SetMethod(method ?? head.Method);
        SetTarget(question, head, state);
        question.SetAuthority(host ?? (cluster.Backend is { UseEndpointHost: true } ? default : head.Authority));
        if (forwarded.Length == 0)
            question.Headers.Append(head.Headers);
        else
            CopyListed(head.Headers, question.Headers);

        question.Headers.RemoveAll(KnownHeaders.NotForwarded);
        if (body.IsEmpty)
        {
            foreach (var field in BodyFields)
                question.Headers.Remove(field);
        }

        foreach (var (name, value) in set)
        {
            var text = value.RenderHeader(head, state);
            if (Ascii.EqualsIgnoreCase(name, "host"u8))
                question.SetAuthority(text);
            else
                question.Headers.Set(name, text);
        }

        return body;
    }

    public override AuthorizationVerdict? Judge(SubrequestAnswer answer, RequestHead head, FilterState state)
    {
        var status = answer.Head.Status;
        var isSuccess = success.Statuses.IsEmpty ? status is >= 200 and < 300 : success.Statuses.AsSpan().Contains(status);
        if (isSuccess)
            return Allow(answer.Head.Headers);

        if (answer.IsTruncated || !(denial.Statuses.IsEmpty || denial.Statuses.AsSpan().Contains(status)))
            return null;

        return new AuthorizationVerdict { Refusal = Refuse(answer, head, state) };
    }

    private void SetTarget(RequestHead question, RequestHead head, FilterState state)
    {
        if (path is null)
        {
            var original = state.Exchange?.State is { KeepsOriginal: true } kept ? kept : null;
            question.SetPath(original is null ? head.Path : original.OriginalPath);
            question.SetQuery(original is null ? head.Query : original.OriginalQuery);
            question.HasQuery = original?.HadQuery ?? head.HasQuery;
            return;
        }

        var target = RequestTargetText.Clean(path.Render(head, state));
        var mark = target.AsSpan().IndexOf((byte)'?');
        question.SetPath(mark < 0 ? target : target.AsSpan(0, mark));
        question.HasQuery = mark >= 0;
        if (mark >= 0)
            question.SetQuery(target.AsSpan(mark + 1));
    }

    private void CopyListed(HeaderTable from, HeaderTable to)
    {
        for (var i = 0; i < from.Count; i++)
        {
            if (Contains(forwarded, from.Name(i)) || StartsWithAny(from.Name(i)))
                to.Add(from.Name(i), from.Value(i));
        }
    }

    private bool StartsWithAny(ReadOnlySpan<byte> name)
    {
        foreach (var prefix in forwardedPrefixes)
        {
            if (name.Length >= prefix.Length && Ascii.EqualsIgnoreCase(name[..prefix.Length], prefix))
                return true;
        }

        return false;
    }

    private AuthorizationVerdict Allow(HeaderTable answer)
    {
        var request = new List<AuthorizationField>();
        var response = new List<AuthorizationField>();
        var cookies = new List<(byte[], byte[])>();
        var removed = new List<byte[]>(copyToRequest);
        for (var i = 0; i < answer.Count; i++)
        {
            if (IsOfTheConnection(answer, i))
                continue;

            var name = answer.Name(i);
            if (success.CopyAllToRequest || Contains(copyToRequest, name) || copyToRequestPattern?.Finds(name) == true)
            {
                // Several lines of one name are several: the first of them takes the place of the client's.
                removed.Add(name.ToArray());
                request.Add(new AuthorizationField(name.ToArray(), answer.Value(i).ToArray(), FieldChange.Add));
            }

            var isCookie = Ascii.EqualsIgnoreCase(name, "set-cookie"u8);
            if (Contains(copyToResponse, name))
                response.Add(new AuthorizationField(name.ToArray(), answer.Value(i).ToArray(), isCookie ? FieldChange.Add : FieldChange.Set));
            else if (isCookie && AuthorizationVerdict.CookieName(answer.Value(i)) is var cookie && Array.Exists(cookiesToResponse, Is(cookie.ToArray())))
                cookies.Add((cookie.ToArray(), answer.Value(i).ToArray()));
        }

        return new AuthorizationVerdict
        {
            RemoveFromRequest = [.. removed],
            RemovePattern = copyToRequestPattern,
            RequestFields = [.. request],
            ResponseFields = [.. response],
            ResponseCookies = [.. cookies],
        };
    }

    private static Predicate<byte[]> Is(byte[] name) => candidate => candidate.AsSpan().SequenceEqual(name);

    private LocalReply Refuse(SubrequestAnswer answer, RequestHead head, FilterState state)
    {
        var status = answer.Head.Status;
        var fields = new List<(byte[], byte[])>();
        var toSignIn = status == 401 && signIn is not null;
        for (var i = 0; i < answer.Head.Headers.Count; i++)
        {
            var name = answer.Head.Headers.Name(i);
            if (IsOfTheConnection(answer.Head.Headers, i) || (denialHeaders.Length > 0 && !Contains(denialHeaders, name)))
                continue;

            var isLocation = Ascii.EqualsIgnoreCase(name, "location"u8);
            if ((isLocation && toSignIn) || (!denial.CopyBody && Ascii.EqualsIgnoreCase(name, "content-encoding"u8)))
                continue;

            var value = answer.Head.Headers.Value(i);
            fields.Add((name.ToArray(), isLocation && denial.AbsoluteLocation ? Absolute(value) : value.ToArray()));
        }

        if (toSignIn)
        {
            fields.Add(("Location"u8.ToArray(), signIn!.RenderHeader(head, state)));
            return LocalReply.Of(denial.SignInStatus, [.. fields], []);
        }

        return LocalReply.Of(status, [.. fields], denial.CopyBody ? answer.Body : GatewayReplies.For(Math.Clamp(status, 400, 599)).Body.ToArray());
    }

    /// <summary>The place of a redirect as the service's own address.</summary>
    private byte[] Absolute(ReadOnlySpan<byte> location)
    {
        if (!location.StartsWith("/"u8) || cluster.Backend is not { } backend)
            return location.ToArray();

        var authority = host ?? (cluster.Endpoints.Count > 0 ? cluster.Endpoints[0].HostHeader.ToArray() : []);
        var scheme = backend.Tls is null ? "http:"u8 : "https:"u8;
        return location.StartsWith("//"u8) ? [.. scheme, .. location] : [.. scheme, .. "//"u8, .. authority, .. location];
    }

    private static bool IsOfTheConnection(HeaderTable headers, int index)
    {
        const ulong Own = KnownHeaders.HopByHop | 1ul << (int)KnownHeader.Date | 1ul << (int)KnownHeader.Server | 1ul << (int)KnownHeader.Trailer;
        var known = headers.Known(index);
        return known != KnownHeader.Unknown && (KnownHeaders.Mask(known) & Own) != 0;
    }

    private static bool Contains(byte[][] names, ReadOnlySpan<byte> name)
    {
        foreach (var candidate in names)
        {
            if (Ascii.EqualsIgnoreCase(candidate, name))
                return true;
        }

        return false;
    }

    private static byte[][] Names(ValueList<string> names) => [.. names.Select(HeaderText.Name)];
}
