using System.Security.Cryptography;

namespace Polygate.Proxy.Filters.Jwt;

/// <summary>A key that checks signatures (RFC 7518 section 3). Only for the algorithms of its own kind, so that no public key is ever taken for a shared secret.</summary>
internal abstract class JwtKey
{
    /// <summary>The key's name; null for one that fits any token.</summary>
    public string? Id { get; init; }

    /// <summary>The one algorithm it is meant for; null for all of its kind.</summary>
    public string? Algorithm { get; init; }

    /// <summary>Whether it could have made signatures of this algorithm.</summary>
    public bool Fits(string algorithm, string? keyId) =>
        (Algorithm is null || Algorithm == algorithm) && (keyId is null || Id is null || Id == keyId) && Supports(algorithm);

    /// <summary>Whether the signature is right; false also for algorithms of other kinds.</summary>
    public abstract bool Verify(string algorithm, byte[] signed, byte[] signature);

    protected abstract bool Supports(string algorithm);

    protected static HashAlgorithmName HashOf(string algorithm) => algorithm[2..] switch
    {
        "256" => HashAlgorithmName.SHA256,
        "384" => HashAlgorithmName.SHA384,
        _ => HashAlgorithmName.SHA512,
    };
}

/// <summary><c>RS…</c> and <c>PS…</c>.</summary>
internal sealed class RsaJwtKey(RSA rsa) : JwtKey
{
    /// <summary>Shorter keys must not be used (RFC 7518 section 3.3), bits.</summary>
    public const int ShortestKey = 2048;

    public override bool Verify(string algorithm, byte[] signed, byte[] signature) =>
        Supports(algorithm)
        && rsa.VerifyData(signed, signature, HashOf(algorithm), algorithm[0] == 'R' ? RSASignaturePadding.Pkcs1 : RSASignaturePadding.Pss);

    protected override bool Supports(string algorithm) => algorithm is "RS256" or "RS384" or "RS512" or "PS256" or "PS384" or "PS512";
}

/// <summary><c>ES…</c>: the algorithm goes with the curve.</summary>
internal sealed class EcdsaJwtKey(ECDsa ecdsa) : JwtKey
{
    private readonly string? own = ecdsa.KeySize switch
    {
        256 => "ES256",
        384 => "ES384",
        521 => "ES512",
        _ => null,
    };

    public override bool Verify(string algorithm, byte[] signed, byte[] signature) =>
        Supports(algorithm) && ecdsa.VerifyData(signed, signature, HashOf(algorithm), DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    protected override bool Supports(string algorithm) => algorithm == own;
}

/// <summary><c>HS…</c>: a secret that both sides know.</summary>
internal sealed class SecretJwtKey(byte[] secret) : JwtKey
{
    public override bool Verify(string algorithm, byte[] signed, byte[] signature)
    {
        if (!Supports(algorithm))
            return false;

        var expected = algorithm switch
        {
            "HS256" => HMACSHA256.HashData(secret, signed),
            "HS384" => HMACSHA384.HashData(secret, signed),
            _ => HMACSHA512.HashData(secret, signed),
        };
        return CryptographicOperations.FixedTimeEquals(expected, signature);
    }

    protected override bool Supports(string algorithm) => algorithm is "HS256" or "HS384" or "HS512";
}
