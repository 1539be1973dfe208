using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Polygate.Proxy.Filters.Jwt;

/// <summary>Reads keys: JSON Web Keys and sets of them (RFC 7517), and PEM.</summary>
internal static class JwtKeyReader
{
    /// <summary>The usable keys of a text; keys of unknown kinds, for encryption, or too short are left out.</summary>
    /// <exception cref="FormatException">The text is neither JSON nor PEM, or has no usable key.</exception>
    public static JwtKey[] Read(string text)
    {
        var keys = text.TrimStart().StartsWith('{') ? ReadJson(text) : ReadPem(text);
        return keys.Length > 0 ? keys : throw new FormatException("There is no usable key.");
    }

    private static JwtKey[] ReadJson(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            return root.TryGetProperty("keys", out var keys) && keys.ValueKind == JsonValueKind.Array
                ? [.. keys.EnumerateArray().Select(TryKey).OfType<JwtKey>()]
                : TryKey(root) is { } single ? [single] : [];
        }
        catch (JsonException exception)
        {
            throw new FormatException("The keys are not JSON.", exception);
        }
    }

    private static JwtKey? TryKey(JsonElement key)
    {
        if (key.ValueKind != JsonValueKind.Object || Text(key, "use") is not (null or "sig"))
            return null;

        var (id, algorithm) = (Text(key, "kid"), Text(key, "alg"));
        try
        {
            return Text(key, "kty") switch
            {
                "RSA" => Rsa(new RSAParameters { Modulus = Bytes(key, "n"), Exponent = Bytes(key, "e") }, id, algorithm),
                "EC" => Ecdsa(key, id, algorithm),
                "oct" => new SecretJwtKey(Bytes(key, "k")) { Id = id, Algorithm = algorithm },
                _ => null,
            };
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException)
        {
            return null;
        }
    }

    private static RsaJwtKey? Rsa(RSAParameters parameters, string? id, string? algorithm)
    {
        var rsa = RSA.Create(parameters);
        return rsa.KeySize < RsaJwtKey.ShortestKey ? null : new RsaJwtKey(rsa) { Id = id, Algorithm = algorithm };
    }

    private static EcdsaJwtKey? Ecdsa(JsonElement key, string? id, string? algorithm)
    {
        ECCurve? curve = Text(key, "crv") switch
        {
            "P-256" => ECCurve.NamedCurves.nistP256,
            "P-384" => ECCurve.NamedCurves.nistP384,
            "P-521" => ECCurve.NamedCurves.nistP521,
            _ => null,
        };
        return curve is null
            ? null
            : new EcdsaJwtKey(ECDsa.Create(new ECParameters { Curve = curve.Value, Q = new ECPoint { X = Bytes(key, "x"), Y = Bytes(key, "y") } })) { Id = id, Algorithm = algorithm };
    }

    private static JwtKey[] ReadPem(string text)
    {
        var keys = new List<JwtKey>();
        var rest = text.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            var pem = rest[fields.Location].ToString();
            if (rest[fields.Label] is "CERTIFICATE")
            {
                using var certificate = X509Certificate2.CreateFromPem(pem);
                Add(keys, certificate.GetRSAPublicKey(), certificate.GetECDsaPublicKey());
            }
            else if (rest[fields.Label] is "PUBLIC KEY" or "RSA PUBLIC KEY")
            {
                Add(keys, TryImport<RSA>(RSA.Create(), pem), TryImport<ECDsa>(ECDsa.Create(), pem));
            }

            rest = rest[fields.Location.End..];
        }

        return [.. keys];
    }

    private static T? TryImport<T>(T key, string pem)
        where T : AsymmetricAlgorithm
    {
        try
        {
            key.ImportFromPem(pem);
            return key;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            key.Dispose();
            return null;
        }
    }

    private static void Add(List<JwtKey> keys, RSA? rsa, ECDsa? ecdsa)
    {
        if (rsa is { KeySize: >= RsaJwtKey.ShortestKey })
            keys.Add(new RsaJwtKey(rsa));

        if (ecdsa is not null)
            keys.Add(new EcdsaJwtKey(ecdsa));
    }

    private static string? Text(JsonElement key, string name) =>
        key.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static byte[] Bytes(JsonElement key, string name) => Base64Url.DecodeFromUtf8(Encoding.UTF8.GetBytes(Text(key, name) ?? throw new FormatException($"{name} is missing.")));
}
