namespace Polygate.Model;

/// <summary>What is spoken to an authorization service.</summary>
public enum AuthorizationProtocol
{
    /// <summary>A request of its own for each request; its status decides.</summary>
    Http,

    /// <summary>Envoy's <c>envoy.service.auth.v3.Authorization/Check</c>.</summary>
    Grpc,
}

/// <summary>
/// Asks a service whether a request may pass. Fails closed: when the service cannot be asked, or answers neither yes nor
/// no, the request is answered <see cref="ErrorStatus"/> unless <see cref="FailOpen"/>.
/// </summary>
/// <param name="Backend">The identity of the <see cref="Model.Backend"/> to ask.</param>
public sealed record ExternalAuthorizationFilter(string Backend) : Filter
{
    public AuthorizationProtocol Protocol { get; init; }

    /// <summary>For the service's whole answer, connecting included.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether requests pass when the service cannot be asked.</summary>
    public bool FailOpen { get; init; }

    /// <summary>Answered when the service cannot be asked, or answers with a status that is neither a success nor a denial.</summary>
    public int ErrorStatus { get; init; } = 500;

    /// <summary>The request's body, or its beginning, for the service; null for none.</summary>
    public AuthorizationBody? Body { get; init; }

    /// <summary>How the service is asked over HTTP; the gRPC protocol says it by itself.</summary>
    public AuthorizationRequest Request { get; init; } = new();

    /// <summary>What is made of a yes.</summary>
    public AuthorizationSuccess Success { get; init; } = new();

    /// <summary>What is made of a no.</summary>
    public AuthorizationDenial Denial { get; init; } = new();

    /// <summary>Remembers answers (HTTP only); null for never.</summary>
    public AuthorizationCache? Cache { get; init; }

    /// <summary>Told to the service with each request (gRPC: <c>context_extensions</c>).</summary>
    public ValueList<HeaderValue> Context { get; init; }
}

/// <summary>The request to the authorization service.</summary>
public sealed record AuthorizationRequest
{
    /// <summary>The method; null for the client's.</summary>
    public string? Method { get; init; }

    /// <summary>The <c>Host</c>; null for the client's, unless <see cref="Model.Backend.UseEndpointHost"/>.</summary>
    public string? Host { get; init; }

    /// <summary>Path and query; null for those of the client's request.</summary>
    public TextTemplate? Path { get; init; }

    /// <summary>
    /// The client's headers that go along; empty for all. Never hop-by-hop fields; those about the body (<c>Content-Length</c>,
    /// <c>Content-Type</c>, …) only with the body.
    /// </summary>
    public ValueList<string> Headers { get; init; }

    /// <summary>Beginnings of header names that go along as well; only beside a list in <see cref="Headers"/>.</summary>
    public ValueList<string> HeaderPrefixes { get; init; }

    /// <summary>Headers written in addition, in place of the client's of that name.</summary>
    public ValueList<HeaderTemplate> Set { get; init; }
}

/// <summary>How much of a request's body an authorization service gets.</summary>
/// <param name="MaximumBytes">1 to 8 MiB.</param>
public sealed record AuthorizationBody(int MaximumBytes)
{
    /// <summary>Whether a larger body is cut instead of refused with <see cref="RejectStatus"/>.</summary>
    public bool AllowPartial { get; init; }

    public int RejectStatus { get; init; } = 413;

    /// <summary>gRPC: whether the body goes as bytes (<c>raw_body</c>) instead of text.</summary>
    public bool AsBytes { get; init; }
}

/// <summary>What happens when the service says yes.</summary>
public sealed record AuthorizationSuccess
{
    /// <summary>The statuses that mean yes; empty: 200 to 299.</summary>
    public ValueList<int> Statuses { get; init; }

    /// <summary>
    /// The service's headers that the backend gets, in place of what the client sent under these names: a name that the service does
    /// not send is removed, so that nobody can forge it.
    /// </summary>
    public ValueList<string> CopyToRequest { get; init; }

    /// <summary>A regular expression over names, unanchored and without case, of which the same holds; null for none.</summary>
    public string? CopyToRequestPattern { get; init; }

    /// <summary>Whether the backend gets all of the service's headers but framing and connection fields.</summary>
    public bool CopyAllToRequest { get; init; }

    /// <summary>The service's headers that are added to the answer to the client.</summary>
    public ValueList<string> CopyToResponse { get; init; }

    /// <summary>The service's cookies, by name, that are added to the answer to the client in place of the backend's of that name.</summary>
    public ValueList<string> CookiesToResponse { get; init; }

    /// <summary>Whether that happens only to answers with a status of 200, 201, 204, 206, 301 to 304, 307 or 308 (nginx <c>add_header</c>).</summary>
    public bool OnlyGoodResponses { get; init; }
}

/// <summary>What happens when the service says no.</summary>
public sealed record AuthorizationDenial
{
    /// <summary>The statuses that mean no; empty: all that do not mean yes. Others are errors of the service.</summary>
    public ValueList<int> Statuses { get; init; }

    /// <summary>Whether the client gets the service's body; otherwise the gateway's own of the same status.</summary>
    public bool CopyBody { get; init; } = true;

    /// <summary>The service's headers that the client gets; empty for all.</summary>
    public ValueList<string> Headers { get; init; }

    /// <summary>Answers more than this are cut off and count as errors of the service, bytes.</summary>
    public int MaximumBodyBytes { get; init; } = 64 * 1024;

    /// <summary>Whether a relative <c>Location</c> is made absolute against the service's address.</summary>
    public bool AbsoluteLocation { get; init; }

    /// <summary>Where clients are redirected instead of getting a 401; null for nowhere.</summary>
    public TextTemplate? SignIn { get; init; }

    public int SignInStatus { get; init; } = 302;
}

/// <summary>Remembers what the service answered, with the headers that matter.</summary>
/// <param name="Key">Requests with the same text share an answer. An empty text is never remembered.</param>
public sealed record AuthorizationCache(TextTemplate Key)
{
    public ValueList<AuthorizationLifetime> Lifetimes { get; init; }
}

/// <summary>How long an answer with a status is remembered.</summary>
public sealed record AuthorizationLifetime(int Status, TimeSpan Duration);
