using Polygate.Model;

namespace Polygate.Analysis;

/// <summary>Sentences for filters that ask who the client is. No hash, key or secret is ever told.</summary>
internal static class AuthenticationDescription
{
    public static IEnumerable<string> Basic(BasicAuthenticationFilter basic) =>
    [
        $"Basic authentication is required ({Words.Count(basic.Users.Count, "user")}, realm \"{basic.Realm}\"); without it the answer is 401.",
        .. Passing(basic.RemoveCredentials, "credentials are", basic.UserHeader, "user"),
    ];

    public static IEnumerable<string> Digest(DigestAuthenticationFilter digest) =>
    [
        $"Digest authentication is required ({Words.Count(digest.Users.Count, "user")}, realm \"{digest.Realm}\"); without it the answer is 401.",
        .. Passing(digest.RemoveCredentials, "credentials are", digest.UserHeader, "user"),
    ];

    public static IEnumerable<string> ApiKey(ApiKeyAuthenticationFilter keys) =>
    [
        $"A key in {Words.AnyOf(keys.Locations.Select(Place))} is required ({Words.Count(keys.Keys.Count, "key")}); without it the answer is {keys.RejectStatus}.",
        .. Passing(keys.RemoveCredentials, "key is", keys.ConsumerHeader, "consumer"),
        .. Preflight(keys.SkipPreflight),
    ];

    public static IEnumerable<string> Jwt(JwtAuthenticationFilter jwt)
    {
        yield return jwt.Requirement switch
        {
            JwtRequirement.Valid => $"A valid JSON Web Token is required; without it the answer is {jwt.RejectStatus}.",
            JwtRequirement.ValidOrMissing => $"A JSON Web Token must be valid where there is one; otherwise the answer is {jwt.RejectStatus}.",
            JwtRequirement.Optional => "A valid JSON Web Token is used; without it the request goes on.",
            _ => throw new ArgumentException($"No words for {jwt.Requirement}.", nameof(jwt)),
        };
        foreach (var provider in jwt.Providers.AsEnumerable())
        {
            yield return Provider(provider);
            foreach (var claim in provider.ClaimHeaders.AsEnumerable())
            {
                yield return $"The token's claim {claim.Claim} is told in the header {claim.Header}.";
            }
        }

        if (!jwt.Rules.IsEmpty)
        {
            yield return $"The token must satisfy {Words.AnyOf(jwt.Rules.Select(Rule))}; otherwise the answer is {jwt.ForbiddenStatus}.";
        }

        foreach (var sentence in Preflight(jwt.SkipPreflight))
        {
            yield return sentence;
        }
    }

    public static IEnumerable<string> External(ExternalAuthorizationFilter filter)
    {
        var protocol = filter.Protocol == AuthorizationProtocol.Grpc ? "by gRPC" : "by HTTP";
        var path = filter.Request.Path is { } template ? $" at {template}" : "";
        yield return $"{filter.Backend} is asked {protocol}{path} whether the request may pass, for {Words.Duration(filter.Timeout)} at most; "
            + $"where it cannot be asked {(filter.FailOpen ? "the request passes" : $"the answer is {filter.ErrorStatus}")}.";
        if (filter.Body is { } body)
        {
            var larger = body.AllowPartial ? "a larger one is cut" : $"a larger one is refused with {body.RejectStatus}";
            yield return $"It is told the request's body up to {body.MaximumBytes} bytes; {larger}.";
        }

        if (!filter.Success.CopyToRequest.IsEmpty)
        {
            yield return $"From its answer the backend is told {string.Join(", ", filter.Success.CopyToRequest)}.";
        }

        if (filter.Denial.SignIn is { } signIn)
        {
            yield return $"Instead of a 401 the client is redirected ({filter.Denial.SignInStatus}) to {signIn}.";
        }

        if (filter.Cache is { } cache)
        {
            yield return $"Its answers are remembered by {cache.Key}.";
        }
    }

    private static string Provider(JwtProvider provider)
    {
        var issuer = provider.Issuer is { } name ? $"of the issuer {name}" : "of any issuer";
        var audience = provider.Audiences.IsEmpty ? "" : $" for {Words.AnyOf(provider.Audiences)}";
        var keys = provider.Keys is RemoteKeys remote ? $"keys from {remote.Backend}{remote.Path}" : "keys in the configuration";
        return $"Tokens {issuer}{audience} are checked with {keys} ({provider.Name}).";
    }

    private static string Rule(ClaimRule rule)
    {
        var claims = string.Join(" and ", rule.Claims.Select(claim => $"{claim.Claim} {Words.AnyOf(claim.Values.Select(value => value.ToString()))}"));
        var methods = rule.Methods.IsEmpty ? "" : $" for {Words.AnyOf(rule.Methods)}";
        var path = rule.PathPrefix.Length == 0 ? "" : $" under {rule.PathPrefix}";
        return $"({claims}{methods}{path})";
    }

    private static string Place(TokenLocation location) => location.Source switch
    {
        CredentialSource.Header => $"the header {location.Name}",
        CredentialSource.QueryParameter => $"the query parameter {location.Name}",
        CredentialSource.Cookie => $"the cookie {location.Name}",
        _ => throw new ArgumentException($"No words for {location.Source}.", nameof(location)),
    };

    private static IEnumerable<string> Preflight(bool skipped) => skipped ? ["CORS preflights pass unchecked."] : [];

    private static IEnumerable<string> Passing(bool removed, string what, string? header, string who)
    {
        if (removed)
        {
            yield return $"The {what} kept from the backend.";
        }

        if (header is not null)
        {
            yield return $"The {who}'s name is told in the header {header}.";
        }
    }
}
