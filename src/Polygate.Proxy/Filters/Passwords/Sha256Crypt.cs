using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Polygate.Proxy.Filters.Passwords;

/// <summary>SHA-256 crypt (Drepper, "Unix crypt using SHA-256 and SHA-512"): <c>$5$[rounds=n$]salt$hash</c>.</summary>
internal static class Sha256Crypt
{
    private const string Prefix = "$5$";
    private const string RoundsPrefix = "rounds=";
    private const int DefaultRounds = 5000;
    private const int LeastRounds = 1000;

    // The scheme allows 999,999,999: minutes of work for one guess.
    private const int MostRounds = 1_000_000;
    private const int LongestSalt = 16;

    public static bool IsUsable(string hash) => hash.StartsWith(Prefix, StringComparison.Ordinal) && TryRead(hash, out _, out _, out _);

    /// <summary>The hash of a password with the rounds and salt of another hash.</summary>
    public static string Hash(ReadOnlySpan<byte> password, string like)
    {
        TryRead(like, out var head, out var rounds, out var salt);
        return head + salt + "$" + Encode(Digest(password, Encoding.UTF8.GetBytes(salt), rounds));
    }

    private static bool TryRead(string hash, out string head, out int rounds, out string salt)
    {
        head = Prefix;
        rounds = DefaultRounds;
        var rest = hash[Prefix.Length..];
        if (rest.StartsWith(RoundsPrefix, StringComparison.Ordinal))
        {
            var end = rest.IndexOf('$', StringComparison.Ordinal);
            if (end < 0 || !int.TryParse(rest.AsSpan(RoundsPrefix.Length, end - RoundsPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out rounds))
            {
                salt = "";
                return false;
            }

            head += rest[..(end + 1)];
            rest = rest[(end + 1)..];
        }

        var saltEnd = rest.IndexOf('$', StringComparison.Ordinal);
        salt = saltEnd < 0 ? rest : rest[..saltEnd];
        salt = salt[..Math.Min(salt.Length, LongestSalt)];
        return rounds is >= LeastRounds and <= MostRounds;
    }

    private static byte[] Digest(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int rounds)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(password);
        hash.AppendData(salt);
        hash.AppendData(password);
        var inner = hash.GetHashAndReset();

        hash.AppendData(password);
        hash.AppendData(salt);
        hash.AppendData(Repeat(inner, password.Length));
        for (var bits = password.Length; bits != 0; bits >>= 1)
        {
            hash.AppendData((bits & 1) != 0 ? inner : password);
        }

        var digest = hash.GetHashAndReset();
        for (var i = 0; i < password.Length; i++)
        {
            hash.AppendData(password);
        }

        var passwordSequence = Repeat(hash.GetHashAndReset(), password.Length);
        for (var i = 0; i < 16 + digest[0]; i++)
        {
            hash.AppendData(salt);
        }

        var saltSequence = Repeat(hash.GetHashAndReset(), salt.Length);
        for (var round = 0; round < rounds; round++)
        {
            hash.AppendData((round & 1) != 0 ? passwordSequence : digest);
            hash.AppendData(round % 3 != 0 ? saltSequence : []);
            hash.AppendData(round % 7 != 0 ? passwordSequence : []);
            hash.AppendData((round & 1) != 0 ? digest : passwordSequence);
            digest = hash.GetHashAndReset();
        }

        return digest;
    }

    private static byte[] Repeat(byte[] digest, int length)
    {
        var sequence = new byte[length];
        for (var i = 0; i < length; i++)
        {
            sequence[i] = digest[i % digest.Length];
        }

        return sequence;
    }

    // Three bytes ten apart, each group starting where the one before had its second: 0 10 20, 21 1 11, 12 22 2, …
    private static string Encode(byte[] digest)
    {
        var text = new StringBuilder(43);
        var (first, second, third) = (0, 10, 20);
        for (var i = 0; i < 10; i++)
        {
            CryptBase64.Append(text, digest[first], digest[second], digest[third], 4);
            (first, second, third) = (third + 1, first + 1, second + 1);
        }

        CryptBase64.Append(text, 0, digest[31], digest[30], 3);
        return text.ToString();
    }
}
