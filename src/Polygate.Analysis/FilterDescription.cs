using Polygate.Model;

namespace Polygate.Analysis;

/// <summary>What a filter does, in sentences. Never says header values that may be secret credentials' hashes, nor keys.</summary>
internal static class FilterDescription
{
    public static IEnumerable<string> Of(Filter filter)
    {
        switch (filter)
        {
            case RequestHeaderFilter headers:
                return Headers("request", headers.Changes);
            case ResponseHeaderFilter headers:
                return Headers("answer", headers.Changes);
            case RewriteFilter rewrite:
                return Rewrite(rewrite);
            default:
                return [Sentence(filter)];
        }
    }

    private static string Sentence(Filter filter) => filter switch
    {
        RedirectToTlsFilter tls => $"Without TLS the client is redirected ({tls.Redirect.Status}) to {RedirectDescription.Target(tls.Redirect)}.",
        RedirectRegexFilter regex => $"Where {regex.Pattern} finds something in the URL, the client is redirected to {regex.Substitution}.",
        MirrorFilter mirror => $"A copy of {mirror.Share:P0} of requests goes to {mirror.Backend}; its answers are dropped.",
        CorsFilter cors => $"CORS: origins {Any(cors.AllowOrigins.Concat(cors.AllowOriginPatterns))} are allowed; preflights are answered {cors.PreflightStatus}.",
        AddressAccessFilter access => Access(access),
        BasicAuthenticationFilter basic => $"Basic authentication is required ({basic.Users.Count} users, realm \"{basic.Realm}\").",
        BodyLimitFilter limit => limit.MaximumBytes == 0
            ? "The request's body may have any size."
            : $"A body of more than {limit.MaximumBytes} bytes is refused with {limit.RejectStatus}.",
        RateLimitFilter rate =>
            $"More than {rate.Requests} requests each {RouteDescription.Duration(rate.Period)} (bursts of {rate.Burst}) "
            + $"by {(rate.ByHeader is { } header ? $"the same {header} header" : "one client address")} are refused with {rate.RejectStatus}.",
        RefuseFilter refuse => $"The gateway refuses with {refuse.Status}.",
        _ => filter.GetType().Name,
    };

    private static IEnumerable<string> Headers(string of, HeaderChanges changes)
    {
        if (!changes.Remove.IsEmpty)
        {
            yield return $"Removed from the {of}: {string.Join(", ", changes.Remove)}.";
        }

        foreach (var (header, how) in changes.Set.Select(header => (header, "set"))
            .Concat(changes.Add.Select(header => (header, "added")))
            .Concat(changes.SetIfAbsent.Select(header => (header, "set if absent"))))
        {
            yield return $"In the {of} the header {header.Name} is {how}: {header.Value}.";
        }
    }

    private static IEnumerable<string> Rewrite(RewriteFilter rewrite)
    {
        if (rewrite.Path is { } path)
        {
            yield return $"The backend sees {PathDescription.Of(path)}.";
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

    private static string Access(AddressAccessFilter access)
    {
        var allow = access.Allow.IsEmpty ? "everyone" : Any(access.Allow);
        var deny = access.Deny.IsEmpty ? "" : $" but {Any(access.Deny)}";
        return $"Client addresses: {allow}{deny}; others are refused with {access.RejectStatus}.";
    }

    private static string Any(IEnumerable<string> values) => string.Join(" or ", values) is { Length: > 0 } text ? text : "none";
}
