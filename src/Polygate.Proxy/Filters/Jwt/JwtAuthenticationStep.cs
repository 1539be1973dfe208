using System.Text;
using System.Text.Json;
using Polygate.Model;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;

namespace Polygate.Proxy.Filters.Jwt;

/// <summary>Demands a token that one of the providers vouches for, and tells the backend what it says.</summary>
internal sealed class JwtAuthenticationStep : AsyncFilterStep
{
    private readonly JwtAuthenticationFilter filter;
    private readonly ProviderState[] providers;
    private readonly (ClaimRule Rule, (string Claim, TextMatcher[] Values)[] Claims)[] rules;
    private readonly byte[][] ownHeaders;
    private readonly LocalReply missing;
    private readonly LocalReply invalid;
    private readonly LocalReply forbidden;

    public JwtAuthenticationStep(JwtAuthenticationFilter filter, RuntimeState runtime, ICollection<string> problems)
    {
        this.filter = filter;
        providers = [.. filter.Providers.Select(provider => new ProviderState(provider, runtime, problems))];
        rules =
        [
            .. filter.Rules.Select(rule => (rule, rule.Claims.Select(claim =>
                (claim.Claim, TextMatcher.CreateAll(claim.Values.AsSpan(), problems))).ToArray())),
        ];
        ownHeaders =
        [
            .. filter.Providers
                .SelectMany(provider => provider.ClaimHeaders.Where(claim => !claim.Append).Select(claim => claim.Header)
                    .Concat(provider.RequestHeaders.Select(header => header.Name))
                    .Concat(provider.PayloadHeader is { } payload ? [payload] : []))
                .Distinct(StringComparer.OrdinalIgnoreCase).Select(HeaderText.Name),
        ];
        var realm = filter.Realm is { } given ? $" realm=\"{given.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"" : "";
        missing = LocalReply.Of(filter.RejectStatus, "", new HeaderValue("WWW-Authenticate", "Bearer" + realm));
        invalid = LocalReply.Of(
            filter.RejectStatus, "", new HeaderValue("WWW-Authenticate", $"Bearer{(realm.Length > 0 ? realm + "," : "")} error=\"invalid_token\""));
        forbidden = LocalReply.Of(filter.ForbiddenStatus);
    }

    public override async ValueTask<LocalReply?> OnRequestAsync(RequestHead head, FilterState state)
    {
        // Only this gateway says what a token says.
        foreach (var name in ownHeaders)
            head.Headers.Remove(name);

        if (filter.SkipPreflight && Preflight.Is(head))
            return null;

        var found = false;
        foreach (var provider in providers)
        {
            foreach (var location in provider.Locations)
            {
                if (!location.TryRead(head, out var text))
                    continue;

                found = true;
                if (JsonWebToken.TryParse(text, out var token) && await provider.IsValidAsync(token, state))
                    return Admit(head, token, provider, location);
            }
        }

        var needsNone = filter.Requirement == JwtRequirement.Optional || (filter.Requirement == JwtRequirement.ValidOrMissing && !found);
        return !needsNone ? found ? invalid : missing : rules.Length > 0 ? forbidden : null;
    }

    private LocalReply? Admit(RequestHead head, JsonWebToken token, ProviderState provider, CredentialLocation location)
    {
        if (rules.Length > 0 && !Array.Exists(rules, rule => Satisfies(head, token, rule.Rule, rule.Claims)))
            return forbidden;

        if (provider.Settings.RemoveToken)
            location.Remove(head);

        foreach (var claim in provider.Settings.ClaimHeaders)
        {
            if (!token.TryGetClaim(claim.Claim, out var value))
                continue;

            var name = HeaderText.Name(claim.Header);
            if (claim.Append)
                head.Headers.Add(name, HeaderText.Value(TextOf(value)));
            else
                head.Headers.Set(name, HeaderText.Value(TextOf(value)));
        }

        foreach (var header in provider.Settings.RequestHeaders)
            head.Headers.Set(HeaderText.Name(header.Name), HeaderText.Value(header.Value));

        if (provider.Settings.PayloadHeader is { } payload)
            head.Headers.Set(HeaderText.Name(payload), HeaderText.Value(token.PayloadText));

        return null;
    }

    private static bool Satisfies(RequestHead head, JsonWebToken token, ClaimRule rule, (string Claim, TextMatcher[] Values)[] claims)
    {
        if (!rule.Methods.IsEmpty && !rule.Methods.Contains(Encoding.ASCII.GetString(head.Method)))
            return false;

        if (!head.Path.StartsWith(Encoding.UTF8.GetBytes(rule.PathPrefix)))
            return false;

        return Array.TrueForAll(claims, claim => token.TryGetClaim(claim.Claim, out var value) && Fits(value, claim.Values));
    }

    private static bool Fits(JsonElement value, TextMatcher[] patterns) => value.ValueKind == JsonValueKind.Array
        ? value.EnumerateArray().Any(item => Fits(item, patterns))
        : AnyMatches(patterns, TextOf(value));

    private static bool AnyMatches(TextMatcher[] patterns, string text)
    {
        try
        {
            return TextMatcher.AnyMatches(patterns, Encoding.UTF8.GetBytes(text));
        }
        catch (System.Text.RegularExpressions.RegexMatchTimeoutException)
        {
            return false;
        }
    }

    /// <summary>Text as it is; lists joined with commas; everything else as JSON has it.</summary>
    private static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Array => string.Join(',', value.EnumerateArray().Select(TextOf)),
        _ => value.GetRawText(),
    };
}
