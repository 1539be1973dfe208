using System.Text.Json;
using Polygate.Model;
using Polygate.Proxy.Routing;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.Filters.Jwt;

/// <summary>A provider made ready: its keys, and which tokens it believes.</summary>
internal sealed class ProviderState
{
    private static readonly string[] PublicKeyAlgorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];
    private static readonly string[] SecretAlgorithms = ["HS256", "HS384", "HS512"];

    private readonly HashSet<string> algorithms;
    private readonly JwtKey[] keys = [];
    private readonly RemoteJwtKeys? remote;
    private readonly RemoteKeys? remoteSettings;
    private readonly UpstreamCluster? cluster;

    public ProviderState(JwtProvider settings, RuntimeState runtime, ICollection<string> problems)
    {
        Settings = settings;
        var kin = settings.Keys is SharedSecret ? SecretAlgorithms : PublicKeyAlgorithms;
        algorithms = [.. settings.Algorithms.IsEmpty ? kin : settings.Algorithms.AsEnumerable()];
        foreach (var unknown in algorithms.Except([.. PublicKeyAlgorithms, .. SecretAlgorithms]).ToList())
            problems.Add($"The signature algorithm '{unknown}' of the token provider {settings.Name} is not supported.");

        Locations = settings.Locations.IsEmpty
            ? [new CredentialLocation(new TokenLocation(CredentialSource.Header, "Authorization", "Bearer ")), new CredentialLocation(new TokenLocation(CredentialSource.QueryParameter, "access_token"))]
            : [.. settings.Locations.Select(location => new CredentialLocation(location))];
        switch (settings.Keys)
        {
            case RemoteKeys there:
                remoteSettings = there;
                remote = runtime.JwtKeys.Get(there);
                cluster = runtime.Clusters.Get(there.Backend);
                break;
            case InlineKeys inline:
                keys = ReadInline(inline, problems);
                break;
            case SharedSecret secret:
                keys = ReadSecret(secret, problems);
                break;
        }
    }

    public JwtProvider Settings { get; }

    public CredentialLocation[] Locations { get; }

    /// <summary>Whether the provider vouches for a token now.</summary>
    public async ValueTask<bool> IsValidAsync(JsonWebToken token, FilterState state)
    {
        if (!algorithms.Contains(token.Algorithm) || !ClaimsHold(token, DateTimeOffset.UtcNow))
            return false;

        if (remote is null)
            return IsSigned(token, keys);

        if (state.Subrequests is not { } subrequests || state.Exchange is not { } exchange)
            return false;

        var fetched = await remote.GetAsync(remoteSettings!, cluster!, subrequests, exchange.Loop, wantsNew: false);
        if (!Array.Exists(fetched, key => key.Fits(token.Algorithm, token.KeyId)))
            fetched = await remote.GetAsync(remoteSettings!, cluster!, subrequests, exchange.Loop, wantsNew: true);

        return IsSigned(token, fetched);
    }

    private static bool IsSigned(JsonWebToken token, JwtKey[] keys)
    {
        foreach (var key in keys)
        {
            if (key.Fits(token.Algorithm, token.KeyId) && key.Verify(token.Algorithm, token.Signed, token.Signature))
                return true;
        }

        return false;
    }

    /// <summary>RFC 7519 section 4.1: who made it for whom, and when it holds. A time that is no number fails.</summary>
    private bool ClaimsHold(JsonWebToken token, DateTimeOffset now)
    {
        var claims = token.Claims;
        if (Settings.Issuer is { } issuer && !(claims.TryGetProperty("iss", out var iss) && iss.ValueKind == JsonValueKind.String && iss.GetString() == issuer))
            return false;

        if (!Settings.Audiences.IsEmpty && !HasAudience(claims))
            return false;

        var seconds = now.ToUnixTimeMilliseconds() / 1000.0;
        var leeway = Settings.Leeway.TotalSeconds;
        if (claims.TryGetProperty("exp", out var exp))
        {
            if (!TryNumber(exp, out var until) || seconds >= until + leeway || until - seconds > (Settings.MaximumLifetime?.TotalSeconds ?? double.PositiveInfinity))
                return false;
        }
        else if (Settings.RequireExpiration || Settings.MaximumLifetime is not null)
        {
            return false;
        }

        return !claims.TryGetProperty("nbf", out var nbf) || (TryNumber(nbf, out var from) && seconds + leeway >= from);
    }

    private bool HasAudience(JsonElement claims) => claims.TryGetProperty("aud", out var audience) && audience.ValueKind switch
    {
        JsonValueKind.String => Settings.Audiences.Contains(audience.GetString()),
        JsonValueKind.Array => audience.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.String && Settings.Audiences.Contains(item.GetString())),
        _ => false,
    };

    private static bool TryNumber(JsonElement value, out double number)
    {
        number = 0;
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out number);
    }

    private JwtKey[] ReadInline(InlineKeys inline, ICollection<string> problems)
    {
        try
        {
            return JwtKeyReader.Read(inline.Text);
        }
        catch (Exception exception) when (exception is FormatException or System.Security.Cryptography.CryptographicException)
        {
            problems.Add($"The keys of the token provider {Settings.Name} cannot be used.");
            return [];
        }
    }

    private JwtKey[] ReadSecret(SharedSecret secret, ICollection<string> problems)
    {
        try
        {
            var bytes = Convert.FromBase64String(secret.Base64);
            if (bytes.Length > 0)
                return [new SecretJwtKey(bytes)];
        }
        catch (FormatException)
        {
            // Told below.
        }

        problems.Add($"The secret of the token provider {Settings.Name} cannot be used.");
        return [];
    }
}
