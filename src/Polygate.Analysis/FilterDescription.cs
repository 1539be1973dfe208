using Polygate.Model;

namespace Polygate.Analysis;

/// <summary>What a filter does, in sentences. Never says the hashes of passwords.</summary>
internal static class FilterDescription
{
    public static IEnumerable<string> Of(Filter filter) => filter switch
    {
        RequestHeaderFilter headers => Headers("request", headers.Changes),
        ResponseHeaderFilter headers => Headers("answer", headers.Changes),
        RequestHeaderTemplateFilter headers => headers.Set.Select(header => $"In the request the header {header.Name} is set to {header.Value}."),
        RewriteFilter rewrite => Rewrite(rewrite),
        RedirectFilter redirect => [$"The client is redirected ({redirect.Redirect.Status}) to {RedirectDescription.Target(redirect.Redirect)}."],
        RedirectToTlsFilter tls => [$"Without TLS the client is redirected ({tls.Redirect.Status}) to {RedirectDescription.Target(tls.Redirect)}."],
        RedirectRegexFilter regex =>
            [$"Where {regex.Pattern} finds something in the URL, the client is redirected {(regex.Permanent ? "permanently" : "for now")} to {regex.Substitution}."],
        MirrorFilter mirror => [$"A copy of {Words.Percent(mirror.Share)} of requests goes to {mirror.Backend}; its answers are dropped."],
        CorsFilter cors => Cors(cors),
        AddressAccessFilter access => [Access(access)],
        BasicAuthenticationFilter basic => AuthenticationDescription.Basic(basic),
        DigestAuthenticationFilter digest => AuthenticationDescription.Digest(digest),
        ApiKeyAuthenticationFilter keys => AuthenticationDescription.ApiKey(keys),
        JwtAuthenticationFilter jwt => AuthenticationDescription.Jwt(jwt),
        ExternalAuthorizationFilter external => AuthenticationDescription.External(external),
        AnyOfFilter any =>
            ["One of these must let the request pass:", .. any.Filters.SelectMany(filter => Of(filter)).Select(sentence => "- " + sentence)],
        ClientCertificateFilter certificate => ClientCertificate(certificate),
        BodyLimitFilter limit => LimitDescription.Body(limit),
        GrpcWebFilter => ["gRPC-Web is taken for gRPC; the trailers of its answers are sent as the end of the body."],
        HeaderLimitFilter limit => LimitDescription.Headers(limit),
        RateLimitFilter rate => LimitDescription.Rate(rate),
        ConcurrencyLimitFilter limit => LimitDescription.Concurrency(limit),
        BandwidthLimitFilter limit => LimitDescription.Bandwidth(limit),
        CompressionFilter compression => ResponseFilterDescription.Compression(compression),
        ErrorPagesFilter pages => ResponseFilterDescription.ErrorPages(pages),
        CookieRewriteFilter cookies => ResponseFilterDescription.Cookies(cookies),
        LocationRewriteFilter locations => ResponseFilterDescription.Locations(locations),
        RefuseFilter refuse => [$"The gateway refuses with {refuse.Status}{(refuse.Body.Length == 0 ? "" : $": {refuse.Body.TrimEnd()}")}."],
        _ => throw new ArgumentException($"No sentence for {filter.GetType().Name}.", nameof(filter)),
    };

    private static IEnumerable<string> Headers(string of, HeaderChanges changes)
    {
        if (!changes.Remove.IsEmpty)
        {
            yield return $"Removed from the {of}: {string.Join(", ", changes.Remove)}.";
        }

        foreach (var (header, how) in changes.Set.Select(header => (header, "set"))
            .Concat(changes.SetIfPresent.Select(header => (header, "replaced where it is present")))
            .Concat(changes.Add.Select(header => (header, "added")))
            .Concat(changes.SetIfAbsent.Select(header => (header, "set where it is absent"))))
        {
            yield return $"In the {of} the header {header.Name} is {how}: {header.Value}.";
        }
    }

    private static IEnumerable<string> Rewrite(RewriteFilter rewrite)
    {
        if (rewrite.Path is { } path)
        {
            yield return $"The backend sees {PathDescription.Of(path)}.";
            if (PathDescription.RecordedIn(path) is { } prefixHeader)
            {
                yield return $"What was taken from the path is told in the header {prefixHeader}.";
            }
        }

        if (rewrite.Host is { } host)
        {
            yield return $"The backend sees the host {host}.";
        }

        if (rewrite.RecordOriginalPathIn is { } header)
        {
            yield return $"The original path is told in the header {header}.";
        }
    }

    private static IEnumerable<string> Cors(CorsFilter cors)
    {
        yield return $"CORS: origins {Words.AnyOf(cors.AllowOrigins.Concat(cors.AllowOriginPatterns.Select(pattern => "~" + pattern)))} are allowed"
            + $"{(cors.AllowCredentials ? ", with credentials" : "")}; preflights are answered {cors.PreflightStatus}"
            + $"{(cors.AnswerForbiddenPreflight ? "" : ", those of other origins are forwarded")}.";
        foreach (var (what, names) in new[] { ("methods", cors.AllowMethods), ("request headers", cors.AllowHeaders) })
        {
            if (!names.IsEmpty)
            {
                yield return $"CORS: the {what} {string.Join(", ", names)} are allowed.";
            }
        }

        if (!cors.ExposeHeaders.IsEmpty)
        {
            yield return $"CORS: scripts may read the headers {string.Join(", ", cors.ExposeHeaders)} of the answer.";
        }

        if (cors.MaxAge is { } seconds)
        {
            yield return $"CORS: a preflight's answer may be kept for {seconds} s.";
        }
    }

    private static string Access(AddressAccessFilter access) => (access.Allow.IsEmpty, access.Deny.IsEmpty) switch
    {
        (true, true) => "Every client address is let through.",
        (true, false) => $"Client addresses in {Words.AnyOf(access.Deny)} are refused with {access.RejectStatus}.",
        (false, true) => $"Client addresses other than {Words.AnyOf(access.Allow)} are refused with {access.RejectStatus}.",
        (false, false) =>
            $"Client addresses in {Words.AnyOf(access.Deny)} are refused with {access.RejectStatus}, and so are those other than {Words.AnyOf(access.Allow)}.",
    };

    private static IEnumerable<string> ClientCertificate(ClientCertificateFilter filter)
    {
        var refusal = filter.ErrorPage is { } page ? $"redirected to {page}" : $"refused with {filter.RejectStatus}";
        if (filter.Require)
        {
            yield return $"Clients without a certificate are {refusal}.";
        }

        if (filter.Verify)
        {
            yield return $"Clients whose certificate is not vouched for by {filter.Validation} are {refusal}.";
        }

        foreach (var (header, what) in new[]
        {
            (filter.ResultHeader, "How the client's certificate was verified"),
            (filter.SubjectHeader, "The subject of the client's certificate"),
            (filter.IssuerHeader, "The issuer of the client's certificate"),
            (filter.CertificateHeader, "The client's certificate"),
        })
        {
            if (header is not null)
            {
                yield return $"{what} is told in the header {header}.";
            }
        }
    }
}
