using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using k8s.Models;
using Polygate.Dialects.Common;
using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Backends;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Dialects.GatewayApi.Rules;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.GatewayApi.Policies;

/// <summary>Who clients have to be, as a RoutePolicy says.</summary>
internal sealed class PolicyAuthentication
{
    private const string Field = "spec.authentication";

    private readonly TranslationContext context;
    private readonly Resource<RoutePolicy> policy;
    private readonly RouteReport report = new(null);
    private readonly RouteBackends backends;

    /// <param name="context">Where Secrets and backends are found, and backends go.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="gateway">The Gateway whose certificate backends are shown; null for none.</param>
    public PolicyAuthentication(TranslationContext context, Resource<RoutePolicy> policy, Resource<Gateway>? gateway)
    {
        this.context = context;
        this.policy = policy;
        backends = new RouteBackends(context, policy, gateway, report);
    }

    public (IReadOnlyList<Filter> Filters, Problem? Problem) Translate(AuthenticationGroup group)
    {
        var (filter, problem) = group switch
        {
            { Basic: { } basic, ApiKey: null, Jwt: null, External: null } => Basic(basic),
            { Basic: null, ApiKey: { } keys, Jwt: null, External: null } => ApiKey(keys),
            { Basic: null, ApiKey: null, Jwt: { } jwt, External: null } => Jwt(jwt),
            { Basic: null, ApiKey: null, Jwt: null, External: { } external } => External(external),
            _ => Fail("The group says exactly one of basic, apiKey, jwt and external.", Field),
        };
        return filter is null ? ([], problem) : ([filter], null);
    }

    private (Filter?, Problem?) Basic(BasicAuthentication basic)
    {
        const string At = Field + ".basic";
        if (HeaderProblem(basic.UserHeader, At + ".userHeader") is { } wrong)
        {
            return (null, wrong);
        }

        var (secret, problem) = Secret(basic.SecretRef, At + ".secretRef");
        if (secret is null)
        {
            return (null, problem);
        }

        var users = (TlsSecrets.Text(secret, "auth") ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '#' && line.IndexOf(':', StringComparison.Ordinal) > 0)
            .Select(line => new PasswordHash(line[..line.IndexOf(':', StringComparison.Ordinal)], line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..])).ToValueList();
        return users.IsEmpty
            ? Fail($"The Secret {secret.FullName} has no user under the key auth.", At + ".secretRef")
            : (new BasicAuthenticationFilter(users) { Realm = (basic.Realm ?? "").Replace('"', '\''), RemoveCredentials = true, UserHeader = basic.UserHeader }, null);
    }

    private (Filter?, Problem?) ApiKey(ApiKeyAuthentication keys)
    {
        const string At = Field + ".apiKey";
        if ((HeaderProblem(keys.ConsumerHeader, At + ".consumerHeader") ?? HeaderProblem(keys.Header, At + ".header")) is { } wrong)
        {
            return (null, wrong);
        }

        var (secret, problem) = Secret(keys.SecretRef, At + ".secretRef");
        if (secret is null)
        {
            return (null, problem);
        }

        var known = (secret.Value.Data ?? new Dictionary<string, byte[]>()).OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => (Consumer: pair.Key, Key: Encoding.UTF8.GetString(pair.Value).Trim())).Where(pair => pair.Key.Length > 0)
            .Select(pair => new ApiKey(pair.Consumer, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(pair.Key))))).ToValueList();
        if (known.IsEmpty)
        {
            return Fail($"The Secret {secret.FullName} has no keys.", At + ".secretRef");
        }

        var locations = new List<TokenLocation>();
        if (keys.Header is { } header || keys.QueryParameter is null)
        {
            locations.Add(new TokenLocation(CredentialSource.Header, keys.Header ?? "X-API-Key"));
        }

        if (keys.QueryParameter is { } parameter)
        {
            locations.Add(new TokenLocation(CredentialSource.QueryParameter, parameter));
        }

        return (new ApiKeyAuthenticationFilter(known) { Locations = locations.ToValueList(), RemoveCredentials = true, ConsumerHeader = keys.ConsumerHeader }, null);
    }

    private (Filter?, Problem?) Jwt(JwtAuthentication jwt)
    {
        var providers = new List<JwtProvider>();
        for (var i = 0; i < jwt.Providers.Count; i++)
        {
            var (provider, problem) = Provider(jwt.Providers[i], $"{Field}.jwt.providers[{i}]");
            if (provider is null)
            {
                return (null, problem);
            }

            providers.Add(provider);
        }

        return providers.Count == 0
            ? Fail("Tokens need a provider to believe.", Field + ".jwt.providers")
            : (new JwtAuthenticationFilter(providers.ToValueList()) { Requirement = jwt.Optional == true ? JwtRequirement.ValidOrMissing : JwtRequirement.Valid }, null);
    }

    private (JwtProvider? Provider, Problem? Problem) Provider(JwtIssuer issuer, string field)
    {
        foreach (var claim in issuer.ClaimHeaders ?? [])
        {
            if (HeaderProblem(claim.Header, field + ".claimHeaders") is { } wrong)
            {
                return (null, wrong);
            }
        }

        var (keys, problem) = Keys(issuer.Jwks, field + ".jwks");
        return keys is null ? (null, problem) : (
            new JwtProvider(issuer.Name, keys)
            {
                Issuer = issuer.Issuer,
                Audiences = (issuer.Audiences ?? []).ToValueList(),
                ClaimHeaders = (issuer.ClaimHeaders ?? []).Select(claim => new ClaimHeader(claim.Claim, claim.Header)).ToValueList(),
                RemoveToken = issuer.RemoveToken ?? false,
                Locations = [new TokenLocation(CredentialSource.Header, "Authorization", "Bearer ")],
            },
            null);
    }

    private (JwtKeys? Keys, Problem? Problem) Keys(JwtKeySource source, string field)
    {
        switch (source)
        {
            case { Inline: { } inline, SecretRef: null, Remote: null }:
                return IsKeySet(inline) ? (new InlineKeys(inline), null) : (null, new Problem("Invalid", "This is no JSON Web Key Set.", field + ".inline"));
            case { Inline: null, SecretRef: { } reference, Remote: null }:
                var (secret, problem) = Secret(reference, field + ".secretRef");
                return secret is null ? (null, problem)
                    : TlsSecrets.Text(secret, "jwks.json") is { } text && IsKeySet(text) ? (new InlineKeys(text), null)
                    : (null, new Problem("Invalid", $"The Secret {secret.FullName} has no JSON Web Key Set under the key jwks.json.", field + ".secretRef"));
            case { Inline: null, SecretRef: null, Remote: { } remote }:
                if (!remote.Path.StartsWith('/') || Uri.CheckHostName(remote.Host.Split(':')[0]) == UriHostNameType.Unknown)
                {
                    return (null, new Problem("Invalid", "Keys are fetched from a host and a path that begins with a slash.", field + ".remote"));
                }

                return backends.Get(remote.BackendRef, field + ".remote.backendRef") is { } backend
                    ? (new RemoteKeys(backend, remote.Host, remote.Path), null)
                    : (null, Unserved());
            default:
                return (null, new Problem("Invalid", "Keys come from exactly one of inline, secretRef and remote.", field));
        }
    }

    private (Filter?, Problem?) External(HTTPExternalAuth external)
    {
        var filter = ExternalAuth.Translate(external, backends, report, Field + ".external");
        return filter is RefuseFilter ? (null, Unserved()) : (filter, null);
    }

    /// <summary>Why the backend that was asked for last is not to be had.</summary>
    private Problem Unserved() => (report.FirstProblem ?? new Problem("Invalid", "The backend cannot be reached.", Field)) with { Reason = "Invalid" };

    private (Resource<V1Secret>? Secret, Problem? Problem) Secret(SecretObjectReference reference, string field)
    {
        var ns = reference.Namespace ?? policy.Namespace;
        if (reference.Group is not (null or "") || reference.Kind is not (null or "Secret"))
        {
            return (null, new Problem("Invalid", $"Credentials are read from Secrets, not from a {reference.Kind}.", field));
        }

        if (!ReferenceGrants.Permit(context, policy, "", "Secret", ns, reference.Name))
        {
            return (null, new Problem("Invalid", $"No ReferenceGrant in namespace {ns} permits RoutePolicies of namespace {policy.Namespace} to refer to Secret {reference.Name}.", field));
        }

        return context.Get<V1Secret>(ns, reference.Name) is { } secret ? (secret, null) : (null, new Problem("Invalid", $"There is no Secret {ns}/{reference.Name}.", field));
    }

    private static Problem? HeaderProblem(string? header, string field) =>
        header is null || RuleChecks.IsToken(header) ? null : new Problem("Invalid", $"\"{header}\" is not a header name.", field);

    private static bool IsKeySet(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("keys", out var keys) && keys.ValueKind == JsonValueKind.Array;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static (Filter?, Problem?) Fail(string message, string field) => (null, new Problem("Invalid", message, field));
}
