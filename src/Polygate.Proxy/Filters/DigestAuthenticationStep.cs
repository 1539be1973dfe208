using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Polygate.Model;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Filters;

/// <summary>
/// HTTP Digest authentication (RFC 7616). Nonces hold their time and a code over it, made of the users' hashes: nothing is remembered, replicas of
/// the gateway take each other's, and a change of passwords ends them all. Within its lifetime a nonce may be used again.
/// </summary>
internal sealed class DigestAuthenticationStep : FilterStep
{
    private const int CodeLength = 16;
    private readonly DigestAuthenticationFilter filter;
    private readonly Dictionary<string, string> hashes = new(StringComparer.Ordinal);
    private readonly byte[] secret;
    private readonly byte[]? userHeader;
    private readonly string[] algorithms;

    public DigestAuthenticationStep(DigestAuthenticationFilter filter, ICollection<string> problems)
    {
        this.filter = filter;
        foreach (var (user, hash) in filter.Users)
        {
            if (hash.Length is 32 or 64 && hash.All(char.IsAsciiHexDigit))
                hashes.TryAdd(user, hash.ToLowerInvariant());
            else
                problems.Add($"The hash of user '{user}' is neither MD5 nor SHA-256, so that this user is always refused.");
        }

        secret = SHA256.HashData(Encoding.UTF8.GetBytes(filter.Realm + "\n" + string.Join('\n', hashes.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Key + ":" + pair.Value))));
        userHeader = filter.UserHeader is null ? null : HeaderText.Name(filter.UserHeader);
        algorithms = [.. hashes.Values.Select(hash => hash.Length == 64 ? "SHA-256" : "MD5").Distinct().OrderDescending(StringComparer.Ordinal)];
        if (algorithms.Length == 0)
            algorithms = ["SHA-256"];
    }

    public override bool UsesOriginal => true;

    public override LocalReply? OnRequest(RequestHead head, FilterState state)
    {
        if (userHeader is not null)
            head.Headers.Remove(userHeader);

        if (!head.Headers.TryGet("authorization"u8, out var line) || DigestCredentials.Parse(line) is not { } given)
            return Challenge(isStale: false);

        // An unknown user costs as much as a known one.
        var known = hashes.TryGetValue(given["username"], out var hash);
        hash ??= new string('0', algorithms[0] == "MD5" ? 32 : 64);
        if (!IsRight(head, state, given, hash) || !known || given["realm"] != filter.Realm)
            return Challenge(isStale: false);

        if (!IsFresh(given["nonce"], DateTimeOffset.UtcNow))
            return Challenge(isStale: true);

        if (filter.RemoveCredentials)
            head.Headers.Remove("authorization"u8);

        if (userHeader is not null)
            head.Headers.Set(userHeader, HeaderText.Value(given["username"]));

        return null;
    }

    private static bool IsRight(RequestHead head, FilterState state, DigestCredentials given, string hash)
    {
        var isMd5 = hash.Length == 32;
        if (given["qop"] != "auth" || given["algorithm"] is var algorithm && !(algorithm.Length == 0 && isMd5) && !algorithm.Equals(isMd5 ? "MD5" : "SHA-256", StringComparison.OrdinalIgnoreCase))
            return false;

        if (given["uri"] != TargetOf(head, state))
            return false;

        var action = Hash(isMd5, $"{Encoding.ASCII.GetString(head.Method)}:{given["uri"]}");
        var expected = Hash(isMd5, $"{hash}:{given["nonce"]}:{given["nc"]}:{given["cnonce"]}:auth:{action}");
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(expected), Encoding.UTF8.GetBytes(given["response"].ToLowerInvariant()));
    }

    private static string TargetOf(RequestHead head, FilterState state)
    {
        var original = state.Exchange?.State is { KeepsOriginal: true } kept ? kept : null;
        var path = Encoding.UTF8.GetString(original is null ? head.Path : original.OriginalPath);
        var hasQuery = original?.HadQuery ?? head.HasQuery;
        return hasQuery ? path + "?" + Encoding.UTF8.GetString(original is null ? head.Query : original.OriginalQuery) : path;
    }

#pragma warning disable CA5351 // RFC 7616 has MD5 for clients and password files that know nothing else.
    private static string Hash(bool isMd5, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return Convert.ToHexStringLower(isMd5 ? MD5.HashData(bytes) : SHA256.HashData(bytes));
    }
#pragma warning restore CA5351

    private LocalReply Challenge(bool isStale)
    {
        var nonce = NonceAt(DateTimeOffset.UtcNow);
        var realm = filter.Realm.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        var stale = isStale ? ", stale=true" : "";
        return LocalReply.Of(401, "", [.. algorithms.Select(algorithm =>
            new HeaderValue("WWW-Authenticate", $"Digest realm=\"{realm}\", qop=\"auth\", algorithm={algorithm}, nonce=\"{nonce}\"{stale}"))]);
    }

    private string NonceAt(DateTimeOffset time)
    {
        var nonce = new byte[8 + CodeLength];
        BinaryPrimitives.WriteInt64BigEndian(nonce, time.ToUnixTimeMilliseconds());
        HMACSHA256.HashData(secret, nonce.AsSpan(0, 8)).AsSpan(0, CodeLength).CopyTo(nonce.AsSpan(8));
        return Convert.ToHexStringLower(nonce);
    }

    private bool IsFresh(string nonce, DateTimeOffset now)
    {
        if (nonce.Length != 2 * (8 + CodeLength) || !long.TryParse(nonce.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var milliseconds))
            return false;

        if (milliseconds < 0 || milliseconds > now.ToUnixTimeMilliseconds() + 1000)
            return false;

        var made = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(NonceAt(made)), Encoding.UTF8.GetBytes(nonce)) && now - made <= filter.NonceLifetime;
    }
}

/// <summary>The parameters of an <c>Authorization: Digest</c>.</summary>
internal sealed class DigestCredentials
{
    private readonly Dictionary<string, string> parameters = new(StringComparer.OrdinalIgnoreCase);

    private DigestCredentials()
    {
    }

    /// <summary>A parameter; empty when absent.</summary>
    public string this[string name] => parameters.GetValueOrDefault(name, "");

    /// <summary>Null for other schemes and malformed lines, and where a parameter comes twice.</summary>
    public static DigestCredentials? Parse(ReadOnlySpan<byte> line)
    {
        var text = Encoding.UTF8.GetString(line);
        if (!text.StartsWith("Digest ", StringComparison.OrdinalIgnoreCase))
            return null;

        var credentials = new DigestCredentials();
        var position = "Digest ".Length;
        while (position < text.Length)
        {
            var equals = text.IndexOf('=', position);
            if (equals < 0)
                return null;

            var name = text[position..equals].Trim(' ', ',', '\t');
            position = equals + 1;
            if (name.Length == 0 || !credentials.parameters.TryAdd(name, ReadValue(text, ref position)))
                return null;
        }

        return credentials;
    }

    private static string ReadValue(string text, ref int position)
    {
        if (position >= text.Length || text[position] != '"')
        {
            var end = text.IndexOf(',', position);
            end = end < 0 ? text.Length : end;
            var token = text[position..end].Trim();
            position = Math.Min(end + 1, text.Length);
            return token;
        }

        var value = new StringBuilder();
        for (position++; position < text.Length && text[position] != '"'; position++)
        {
            if (text[position] == '\\' && position + 1 < text.Length)
                position++;

            value.Append(text[position]);
        }

        position++;
        return value.ToString();
    }
}
