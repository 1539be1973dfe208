using System.Buffers.Binary;

namespace Polygate.Proxy.Upstreams;

/// <summary>The hash of consistent hashing: 64 bits, well mixed, the same in every process, so that replicas of the gateway agree.</summary>
internal static class EndpointHash
{
    public static ulong Of(ReadOnlySpan<byte> text)
    {
        var hash = 0x9E3779B97F4A7C15UL ^ (ulong)text.Length;
        while (text.Length >= 8)
        {
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(text));
            text = text[8..];
        }

        var rest = 0UL;
        foreach (var part in text)
        {
            rest = (rest << 8) | part;
        }

        return Mix(hash ^ rest);
    }

    // SplitMix64's finaliser.
    public static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
