using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Polygate.Proxy.Filters.Passwords;

/// <summary>
/// bcrypt (Provos and Mazières 1999, "A Future-Adaptable Password Scheme"): <c>$2b$cost$</c>, 22 characters of salt, 31 of hash. The variants
/// <c>2a</c>, <c>2b</c> and <c>2y</c> agree on what they share: the password's bytes and a zero, 72 bytes at most.
/// </summary>
internal static class Bcrypt
{
    private const string Alphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private static readonly SearchValues<char> Digits = SearchValues.Create(Alphabet);
    private const int SaltStart = 7;
    private const int SaltCharacters = 22;
    private const int HashCharacters = 31;
    private const int LongestKey = 72;

    // Two to the cost rounds: 16 takes seconds, each step more twice as long.
    private const int HighestCost = 16;

    public static bool IsUsable(string hash) =>
        hash.Length == SaltStart + SaltCharacters + HashCharacters
        && hash is ['$', '2', 'a' or 'b' or 'y', '$', _, _, '$', ..]
        && CostOf(hash) is >= 4 and <= HighestCost
        && !hash.AsSpan(SaltStart).ContainsAnyExcept(Digits);

    /// <summary>The hash of a password with the cost and salt of another hash.</summary>
    public static string Hash(ReadOnlySpan<byte> password, string like)
    {
        Span<byte> key = stackalloc byte[Math.Min(password.Length + 1, LongestKey)];
        key.Clear();
        password[..Math.Min(password.Length, key.Length)].CopyTo(key);
        var salt = Decode(like.AsSpan(SaltStart, SaltCharacters));
        var cipher = new Blowfish();
        cipher.Expand(key, salt);
        for (var rounds = 1L << CostOf(like); rounds > 0; rounds--)
        {
            cipher.Expand(key);
            cipher.Expand(salt);
        }

        var output = "OrpheanBeholderScryDoubt"u8.ToArray();
        for (var block = 0; block < output.Length; block += 8)
        {
            var left = BinaryPrimitives.ReadUInt32BigEndian(output.AsSpan(block));
            var right = BinaryPrimitives.ReadUInt32BigEndian(output.AsSpan(block + 4));
            for (var i = 0; i < 64; i++)
            {
                cipher.Encrypt(ref left, ref right);
            }

            BinaryPrimitives.WriteUInt32BigEndian(output.AsSpan(block), left);
            BinaryPrimitives.WriteUInt32BigEndian(output.AsSpan(block + 4), right);
        }

        // The last byte is left out: so did the first implementation, and so do all.
        return like[..(SaltStart + SaltCharacters)] + Encode(output.AsSpan(0, output.Length - 1));
    }

    private static int CostOf(string hash) =>
        char.IsAsciiDigit(hash[4]) && char.IsAsciiDigit(hash[5]) ? ((hash[4] - '0') * 10) + hash[5] - '0' : 0;

    private static byte[] Decode(ReadOnlySpan<char> text)
    {
        var bytes = new byte[text.Length * 6 / 8];
        for (var i = 0; i < bytes.Length; i++)
        {
            var bit = i * 8;
            var pair = (Alphabet.IndexOf(text[bit / 6], StringComparison.Ordinal) << 6) | Alphabet.IndexOf(text[(bit / 6) + 1], StringComparison.Ordinal);
            bytes[i] = (byte)(pair >> (4 - (bit % 6)));
        }

        return bytes;
    }

    private static string Encode(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        for (var bit = 0; bit < bytes.Length * 8; bit += 6)
        {
            var pair = (bytes[bit / 8] << 8) | ((bit / 8) + 1 < bytes.Length ? bytes[(bit / 8) + 1] : 0);
            text.Append(Alphabet[(pair >> (10 - (bit % 8))) & 63]);
        }

        return text.ToString();
    }
}
