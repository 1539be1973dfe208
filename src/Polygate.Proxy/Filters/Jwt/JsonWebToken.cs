using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Polygate.Proxy.Filters.Jwt;

/// <summary>A signed token taken apart (RFC 7515 section 7.1); nothing of it is believed before its signature was checked.</summary>
internal sealed class JsonWebToken
{
    /// <summary>Longer ones are not looked at, bytes.</summary>
    public const int LongestToken = 16 * 1024;

    private JsonWebToken(string algorithm, string? keyId, byte[] signed, byte[] signature, string payloadText, JsonElement claims)
    {
        Algorithm = algorithm;
        KeyId = keyId;
        Signed = signed;
        Signature = signature;
        PayloadText = payloadText;
        Claims = claims;
    }

    public string Algorithm { get; }

    public string? KeyId { get; }

    /// <summary>What the signature is over.</summary>
    public byte[] Signed { get; }

    public byte[] Signature { get; }

    /// <summary>The payload as it stands in the token.</summary>
    public string PayloadText { get; }

    /// <summary>An object.</summary>
    public JsonElement Claims { get; }

    /// <summary>Takes a token apart; false when it is none, or one that asks for what is not understood (<c>crit</c>, RFC 7515 section 4.1.11).</summary>
    public static bool TryParse(ReadOnlySpan<byte> token, [NotNullWhen(true)] out JsonWebToken? parsed)
    {
        parsed = null;
        var first = token.IndexOf((byte)'.');
        var last = token.LastIndexOf((byte)'.');
        if (token.Length > LongestToken || first <= 0 || last <= first || token[(first + 1)..last].IndexOf((byte)'.') >= 0)
            return false;

        if (!TryDecode(token[..first], out var headerBytes) || !TryDecode(token[(first + 1)..last], out var payload) || !TryDecode(token[(last + 1)..], out var signature))
            return false;

        if (!TryObject(headerBytes, out var header) || !TryObject(payload, out var claims) || header.TryGetProperty("crit", out _))
            return false;

        if (!header.TryGetProperty("alg", out var algorithm) || algorithm.ValueKind != JsonValueKind.String)
            return false;

        var keyId = header.TryGetProperty("kid", out var kid) && kid.ValueKind == JsonValueKind.String ? kid.GetString() : null;
        parsed = new JsonWebToken(algorithm.GetString()!, keyId, token[..last].ToArray(), signature, Encoding.ASCII.GetString(token[(first + 1)..last]), claims);
        return true;
    }

    /// <summary>A claim by name; dots lead into objects, unless the name with its dots is there.</summary>
    public bool TryGetClaim(string name, out JsonElement claim)
    {
        if (Claims.TryGetProperty(name, out claim))
            return true;

        claim = Claims;
        foreach (var part in name.Split('.'))
        {
            if (claim.ValueKind != JsonValueKind.Object || !claim.TryGetProperty(part, out claim))
                return false;
        }

        return true;
    }

    private static bool TryDecode(ReadOnlySpan<byte> text, out byte[] bytes)
    {
        bytes = [];
        if (!Base64Url.IsValid(text))
            return false;

        bytes = Base64Url.DecodeFromUtf8(text);
        return true;
    }

    private static bool TryObject(byte[] json, out JsonElement element)
    {
        element = default;
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 16, AllowDuplicateProperties = false });
            element = document.RootElement.Clone();
            return element.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
