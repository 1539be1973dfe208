namespace Polygate.Model;

/// <summary>What answers a matched request.</summary>
public abstract record RouteAction
{
    private protected RouteAction()
    {
    }
}

/// <summary>Sends the request to one of the backends, drawn by weight.</summary>
/// <param name="Backends">A backend's share is its weight over the sum; weight 0 gets nothing. Empty or all 0: the request is answered 500 (Gateway API) unless <see cref="NoBackendStatus"/> says otherwise.</param>
public sealed record ForwardAction(ValueList<WeightedBackend> Backends) : RouteAction
{
    /// <summary>The answer when no backend has a weight.</summary>
    public int NoBackendStatus { get; init; } = 500;

    /// <summary>The whole exchange, all attempts included; null or zero for none. Expiry is answered with 504.</summary>
    public TimeSpan? RequestTimeout { get; init; }

    /// <summary>One attempt until its response head; null or zero for none. Expiry is answered with 504.</summary>
    public TimeSpan? BackendTimeout { get; init; }

    /// <summary>Between two reads or writes on the upstream connection; null for the engine's default.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    public RetryPolicy? Retry { get; init; }

    /// <summary>
    /// Keeps a client on its backend and endpoint: weights are for requests without a token. Null for none. Where it is given,
    /// <see cref="Backend.Sticky"/> of the backends is not used on this route.
    /// </summary>
    public Stickiness? Sticky { get; init; }

    /// <summary>Whether <c>Upgrade</c> requests (WebSocket) are tunnelled; otherwise they are forwarded as ordinary requests.</summary>
    public bool AllowUpgrade { get; init; } = true;

    /// <summary>What backends of <see cref="BackendProtocol.FastCgi"/> are told of each request; null: what they usually are.</summary>
    public FastCgiSettings? FastCgi { get; init; }
}

/// <summary>What a FastCGI application is told of a request besides the usual meta-variables (RFC 3875 section 4.1).</summary>
public sealed record FastCgiSettings
{
    /// <summary>The name of the file that stands for a folder, in <c>SCRIPT_NAME</c>; empty for none.</summary>
    public string Index { get; init; } = "";

    /// <summary>Further parameters; one of a usual name takes its place. Applications want at least <c>SCRIPT_FILENAME</c>.</summary>
    public ValueList<HeaderTemplate> Parameters { get; init; }
}

/// <summary>A backend with its share, or an answer given in place of one that cannot be used.</summary>
/// <param name="Backend">The identity of a <see cref="Model.Backend"/>; null when the reference is invalid and <see cref="ErrorStatus"/> answers its share.</param>
/// <param name="Weight">0 or more.</param>
public sealed record WeightedBackend(string? Backend, int Weight = 1)
{
    /// <summary>Answers the share of an invalid reference (Gateway API: 500).</summary>
    public int ErrorStatus { get; init; } = 500;

    /// <summary>Filters for this backend alone, after the route's.</summary>
    public ValueList<Filter> Filters { get; init; }
}

/// <summary>Redirects the client. What is null is kept from the request.</summary>
public sealed record RedirectAction : RouteAction
{
    /// <summary>301, 302, 303, 307 or 308.</summary>
    public int Status { get; init; } = 302;

    public string? Scheme { get; init; }

    public string? Host { get; init; }

    /// <summary>
    /// The port; 0 for none; null: none where <see cref="Scheme"/> is given, otherwise the listener's. A scheme's own port (80, 443)
    /// is never written.
    /// </summary>
    public int? Port { get; init; }

    public PathRewrite? Path { get; init; }

    public bool StripQuery { get; init; }

    /// <summary>
    /// Whether one slash at the very end of the target (path and query together) is left out: <c>/foo/</c> becomes <c>/foo</c>,
    /// <c>/</c> the bare host, <c>/foo/?a=b</c> stays (ingress-nginx's redirect to TLS).
    /// </summary>
    public bool DropTrailingSlash { get; init; }

    /// <summary>A complete target, used instead of all of the above.</summary>
    public string? Location { get; init; }
}

/// <summary>Answers by itself.</summary>
/// <param name="Status">100 to 599.</param>
/// <param name="Body">The body; empty for none.</param>
/// <param name="ContentType">The media type of the body.</param>
public sealed record DirectResponseAction(int Status, string Body = "", string ContentType = "text/plain; charset=utf-8") : RouteAction
{
    public ValueList<HeaderValue> Headers { get; init; }
}
