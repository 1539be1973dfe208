using System.Security.Cryptography;
using System.Text;

namespace Polygate.Proxy.Filters.Passwords;

/// <summary>
/// Checks passwords against the hashes that <c>htpasswd</c> files hold: bcrypt, apr1 (MD5), <c>{SHA}</c> (SHA-1) and SHA-256 crypt. Expensive on
/// purpose: never on an event loop.
/// </summary>
internal static class PasswordHashes
{
    /// <summary>Whether a hash is of a kind, and of a cost, that can be checked.</summary>
    public static bool IsUsable(string hash) =>
        Bcrypt.IsUsable(hash)
        || hash.StartsWith(Md5Crypt.Prefix, StringComparison.Ordinal)
        || hash.StartsWith(ShaPrefix, StringComparison.Ordinal)
        || Sha256Crypt.IsUsable(hash);

    /// <summary>Whether a password has this hash; false for a hash that is not usable.</summary>
    public static bool Verify(ReadOnlySpan<byte> password, string hash)
    {
        var computed = hash switch
        {
            _ when Bcrypt.IsUsable(hash) => Bcrypt.Hash(password, hash),
            _ when hash.StartsWith(Md5Crypt.Prefix, StringComparison.Ordinal) => Md5Crypt.Hash(password, hash),
            _ when hash.StartsWith(ShaPrefix, StringComparison.Ordinal) => Sha1(password),
            _ when Sha256Crypt.IsUsable(hash) => Sha256Crypt.Hash(password, hash),
            _ => null,
        };
        return computed is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(computed), Encoding.UTF8.GetBytes(hash));
    }

    private const string ShaPrefix = "{SHA}";

#pragma warning disable CA5350, CA5351 // What the files hold is not ours to choose.
    private static string Sha1(ReadOnlySpan<byte> password) => ShaPrefix + Convert.ToBase64String(SHA1.HashData(password));
#pragma warning restore CA5350, CA5351
}

/// <summary>The base 64 of <c>crypt(3)</c>: its own alphabet, the low bits first.</summary>
internal static class CryptBase64
{
    private const string Alphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>Appends up to three bytes, the first the most significant, as the number of characters asked for.</summary>
    public static void Append(StringBuilder target, int high, int middle, int low, int characters)
    {
        var value = (high << 16) | (middle << 8) | low;
        for (var i = 0; i < characters; i++, value >>= 6)
        {
            target.Append(Alphabet[value & 63]);
        }
    }
}
