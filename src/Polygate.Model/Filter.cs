namespace Polygate.Model;

/// <summary>
/// One step between matching and the answer. The set is closed and shared by all dialects; where vendors differ in a
/// detail, the detail is a property.
/// </summary>
public abstract record Filter
{
    private protected Filter()
    {
    }
}

/// <summary>A header field to write.</summary>
public sealed record HeaderValue(string Name, string Value);

/// <summary>
/// What is done to header fields: remove, then set (replace), then set where present, then add (append a line), then set where absent.
/// </summary>
public sealed record HeaderChanges
{
    public ValueList<string> Remove { get; init; }

    public ValueList<HeaderValue> Set { get; init; }

    /// <summary>Replaces the field where the message has it (Kong's <c>replace</c>).</summary>
    public ValueList<HeaderValue> SetIfPresent { get; init; }

    public ValueList<HeaderValue> Add { get; init; }

    public ValueList<HeaderValue> SetIfAbsent { get; init; }
}

/// <summary>Changes the header fields of the request.</summary>
public sealed record RequestHeaderFilter(HeaderChanges Changes) : Filter;

/// <summary>Changes the header fields of the answer.</summary>
public sealed record ResponseHeaderFilter(HeaderChanges Changes) : Filter;

/// <summary>
/// Writes headers of the request whose values are put together for each request, in place of what it has under these names. A value that
/// comes out empty removes the header.
/// </summary>
public sealed record RequestHeaderTemplateFilter(ValueList<HeaderTemplate> Set) : Filter;

/// <summary>Changes the path and the host that the backend sees.</summary>
public sealed record RewriteFilter : Filter
{
    public PathRewrite? Path { get; init; }

    /// <summary>The <c>Host</c> sent to the backend; null keeps the client's.</summary>
    public string? Host { get; init; }

    /// <summary>The request header that tells the original path where it was replaced (Traefik's <c>X-Replaced-Path</c>); null for none.</summary>
    public string? RecordOriginalPathIn { get; init; }
}

/// <summary>Redirects every request: for one of several backends (a whole route redirects by its <see cref="Route.Action"/>).</summary>
public sealed record RedirectFilter(RedirectAction Redirect) : Filter;

/// <summary>Redirects requests that came without TLS; others go on.</summary>
public sealed record RedirectToTlsFilter(RedirectAction Redirect) : Filter;

/// <summary>
/// Redirects when a regular expression finds something in the whole URL (<c>scheme://host[:port]/path?query</c>) and the result
/// differs from it (Traefik <c>redirectRegex</c>).
/// </summary>
public sealed record RedirectRegexFilter(string Pattern, string Substitution, bool Permanent) : Filter;

/// <summary>
/// Takes gRPC-Web (<c>application/grpc-web</c>, and <c>application/grpc-web-text</c> in base64) over any version of HTTP, speaks gRPC to the
/// backend, and turns the answer's trailers into the last frame of its body. Other requests pass untouched.
/// </summary>
public sealed record GrpcWebFilter : Filter
{
    /// <summary>The largest request in text, which is held as a whole; a larger one is refused. Bytes.</summary>
    public int MaximumTextBytes { get; init; } = 4 * 1024 * 1024;
}

/// <summary>Sends a copy of requests to another backend and drops its answers.</summary>
/// <param name="Backend">The identity of a <see cref="Model.Backend"/>.</param>
/// <param name="Share">The share of requests, 0 to 1.</param>
public sealed record MirrorFilter(string Backend, double Share = 1) : Filter;

/// <summary>
/// Cross-origin resource sharing (Fetch standard): preflights are answered here, other answers get the headers.
/// </summary>
public sealed record CorsFilter : Filter
{
    /// <summary>Origins: <c>*</c>, exact (<c>https://a.example</c>), or with one wildcard (<c>https://*.example.com</c>).</summary>
    public ValueList<string> AllowOrigins { get; init; }

    /// <summary>Regular expressions over the origin, unanchored.</summary>
    public ValueList<string> AllowOriginPatterns { get; init; }

    public ValueList<string> AllowMethods { get; init; }

    public ValueList<string> AllowHeaders { get; init; }

    public ValueList<string> ExposeHeaders { get; init; }

    public bool AllowCredentials { get; init; }

    /// <summary>Seconds a preflight may be cached; null writes no header.</summary>
    public int? MaxAge { get; init; }

    /// <summary>The status of an answered preflight: 200 or 204.</summary>
    public int PreflightStatus { get; init; } = 204;

    /// <summary>Whether a preflight of an origin that is not allowed is answered (without CORS headers) or forwarded.</summary>
    public bool AnswerForbiddenPreflight { get; init; } = true;

    /// <summary>Whether every <c>OPTIONS</c> is a preflight, also one that asks for no method; without an origin where any is allowed (ingress-nginx).</summary>
    public bool EveryOptionsIsPreflight { get; init; }

    /// <summary>
    /// Whether all answers carry what preflights are told, and without an origin in the request where any is allowed (ingress-nginx);
    /// otherwise only what the Fetch standard asks for.
    /// </summary>
    public bool TellEveryAnswer { get; init; }

    /// <summary>Whether, with credentials, wildcards become echoes of what was asked (as browsers need) or stay literal.</summary>
    public bool EchoWithCredentials { get; init; } = true;
}

/// <summary>Allows or refuses by the client's address. Deny first; a non-empty allow list refuses everyone else.</summary>
public sealed record AddressAccessFilter : Filter
{
    /// <summary>Networks in CIDR notation.</summary>
    public ValueList<string> Allow { get; init; }

    public ValueList<string> Deny { get; init; }

    public int RejectStatus { get; init; } = 403;

    /// <summary>The body of a refusal; <c>{address}</c> stands for the client's address.</summary>
    public string RejectBody { get; init; } = "";
}

/// <summary>
/// What a route demands of the client's certificate, and tells the backend of it. The headers named are taken from the client's
/// request in every case.
/// </summary>
/// <param name="Validation">
/// The <see cref="ClientValidation.Id"/> that counts: a certificate validated for another is none, and a request on a connection
/// made for another is answered 421, so that a server name with weaker demands opens no other.
/// </param>
public sealed record ClientCertificateFilter(string Validation) : Filter
{
    /// <summary>Whether a request without a certificate is refused.</summary>
    public bool Require { get; init; }

    /// <summary>Whether a certificate that no trusted authority vouches for is refused.</summary>
    public bool Verify { get; init; } = true;

    /// <summary>The status of a refusal; with <see cref="ErrorPage"/> 302 instead.</summary>
    public int RejectStatus { get; init; } = 400;

    /// <summary>Where refused clients are redirected to; null for none.</summary>
    public string? ErrorPage { get; init; }

    /// <summary>
    /// A regular expression, unanchored, of which the subject's distinguished name (RFC 2253; empty without a certificate) must have a match; null
    /// for none. Requests whose certificate does not are answered <see cref="SubjectRejectStatus"/>.
    /// </summary>
    public string? SubjectPattern { get; init; }

    public int SubjectRejectStatus { get; init; } = 403;

    /// <summary>Receives <c>SUCCESS</c>, <c>NONE</c>, or <c>FAILED:</c> and the reason; null for none.</summary>
    public string? ResultHeader { get; init; }

    /// <summary>Receives the subject's distinguished name (RFC 2253); null for none.</summary>
    public string? SubjectHeader { get; init; }

    /// <summary>Receives the issuer's distinguished name (RFC 2253); null for none.</summary>
    public string? IssuerHeader { get; init; }

    /// <summary>Receives the certificate; null for none.</summary>
    public string? CertificateHeader { get; init; }

    /// <summary>How <see cref="CertificateHeader"/> is written.</summary>
    public CertificateEncoding CertificateEncoding { get; init; }
}

/// <summary>How a certificate is written into a header.</summary>
public enum CertificateEncoding
{
    /// <summary>PEM, percent-encoded (nginx's <c>$ssl_client_escaped_cert</c>).</summary>
    EscapedPem,

    /// <summary>The base64 text between PEM's delimiters, without line ends (Traefik).</summary>
    Base64,
}

/// <summary>
/// Ends the request with an answer: what stands where a dialect asks for something that restricts access and that is
/// not to be had (a missing middleware, an unsupported plugin). Never skipped: the gateway fails closed.
/// </summary>
public sealed record RefuseFilter(int Status, string Body = "") : Filter;
