using System.Security.Cryptography;
using System.Text;

namespace Polygate.Proxy.Filters.Passwords;

/// <summary>Apache's variant of MD5 crypt: <c>$apr1$salt$hash</c>, a thousand rounds.</summary>
internal static class Md5Crypt
{
    public const string Prefix = "$apr1$";
    private const int Rounds = 1000;
    private const int LongestSalt = 8;

    /// <summary>The hash of a password with the salt of another hash.</summary>
    public static string Hash(ReadOnlySpan<byte> password, string like)
    {
        var end = like.IndexOf('$', Prefix.Length);
        var saltText = like[Prefix.Length..(end < 0 ? like.Length : end)];
        saltText = saltText[..Math.Min(saltText.Length, LongestSalt)];
        var salt = Encoding.UTF8.GetBytes(saltText);
        return Prefix + saltText + "$" + Encode(Digest(password, salt));
    }

#pragma warning disable CA5351 // What the files hold is not ours to choose.
    private static byte[] Digest(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        hash.AppendData(password);
        hash.AppendData(salt);
        hash.AppendData(password);
        var inner = hash.GetHashAndReset();

        hash.AppendData(password);
        hash.AppendData(Encoding.ASCII.GetBytes(Prefix));
        hash.AppendData(salt);
        for (var left = password.Length; left > 0; left -= inner.Length)
        {
            hash.AppendData(inner.AsSpan(0, Math.Min(left, inner.Length)));
        }

        for (var bits = password.Length; bits != 0; bits >>= 1)
        {
            hash.AppendData((bits & 1) != 0 ? [0] : password[..1]);
        }

        var digest = hash.GetHashAndReset();
        for (var round = 0; round < Rounds; round++)
        {
            hash.AppendData((round & 1) != 0 ? password : digest);
            hash.AppendData(round % 3 != 0 ? salt : default);
            hash.AppendData(round % 7 != 0 ? password : default);
            hash.AppendData((round & 1) != 0 ? digest : password);
            digest = hash.GetHashAndReset();
        }

        return digest;
    }
#pragma warning restore CA5351

    private static string Encode(byte[] digest)
    {
        var text = new StringBuilder(22);
        for (var i = 0; i < 5; i++)
        {
            CryptBase64.Append(text, digest[i], digest[i + 6], digest[i == 4 ? 5 : i + 12], 4);
        }

        CryptBase64.Append(text, 0, 0, digest[11], 2);
        return text.ToString();
    }
}
