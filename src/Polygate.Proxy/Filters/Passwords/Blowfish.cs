using System.Numerics;

namespace Polygate.Proxy.Filters.Passwords;

/// <summary>The cipher Blowfish (Schneier 1993) with bcrypt's expensive key schedule.</summary>
internal sealed class Blowfish
{
    private const int Rounds = 16;
    private const int SubkeyCount = Rounds + 2;
    private const int BoxSize = 256;
    private static readonly Lazy<uint[]> Start = new(FractionOfPi);
    private readonly uint[] subkeys = Start.Value[..SubkeyCount];
    private readonly uint[] boxes = Start.Value[SubkeyCount..];

    /// <summary>Mixes a key into the state, and a salt into what the state becomes.</summary>
    public void Expand(ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt = default)
    {
        var position = 0;
        foreach (ref var subkey in subkeys.AsSpan())
        {
            subkey ^= NextWord(key, ref position);
        }

        position = 0;
        uint left = 0;
        uint right = 0;
        Fill(subkeys, salt, ref position, ref left, ref right);
        Fill(boxes, salt, ref position, ref left, ref right);
    }

    public void Encrypt(ref uint left, ref uint right)
    {
        var (l, r) = (left, right);
        for (var round = 0; round < Rounds; round += 2)
        {
            l ^= subkeys[round];
            r ^= Mix(l);
            r ^= subkeys[round + 1];
            l ^= Mix(r);
        }

        left = r ^ subkeys[Rounds + 1];
        right = l ^ subkeys[Rounds];
    }

    private void Fill(uint[] target, ReadOnlySpan<byte> salt, ref int position, ref uint left, ref uint right)
    {
        for (var i = 0; i < target.Length; i += 2)
        {
            if (!salt.IsEmpty)
            {
                left ^= NextWord(salt, ref position);
                right ^= NextWord(salt, ref position);
            }

            Encrypt(ref left, ref right);
            target[i] = left;
            target[i + 1] = right;
        }
    }

    private uint Mix(uint value)
    {
        var table = boxes;
        return ((table[value >> 24] + table[BoxSize + ((value >> 16) & 255)]) ^ table[(2 * BoxSize) + ((value >> 8) & 255)])
            + table[(3 * BoxSize) + (value & 255)];
    }

    private static uint NextWord(ReadOnlySpan<byte> text, ref int position)
    {
        uint word = 0;
        for (var i = 0; i < 4; i++)
        {
            word = (word << 8) | text[position];
            position = position + 1 == text.Length ? 0 : position + 1;
        }

        return word;
    }

    // The cipher starts from the binary digits of pi after the point. They are computed (Machin 1706:
    // pi/4 = 4 arctan(1/5) - arctan(1/239)) instead of written out.
    private static uint[] FractionOfPi()
    {
        const int Words = SubkeyCount + (4 * BoxSize);
        const int GuardBits = 64;
        var one = BigInteger.One << ((Words * 32) + GuardBits);
        var pi = (16 * ArctanOfInverse(5, one)) - (4 * ArctanOfInverse(239, one));
        var fraction = ((pi - (3 * one)) >> GuardBits).ToByteArray(isUnsigned: true, isBigEndian: true);
        var words = new uint[Words];
        var leading = (Words * 4) - fraction.Length;
        for (var i = 0; i < fraction.Length; i++)
        {
            var at = leading + i;
            words[at / 4] |= (uint)fraction[i] << (24 - (at % 4 * 8));
        }

        return words;
    }

    private static BigInteger ArctanOfInverse(int x, BigInteger one)
    {
        var power = one / x;
        var sum = power;
        for (var n = 3; !power.IsZero; n += 2)
        {
            power /= -x * x;
            sum += power / n;
        }

        return sum;
    }
}
