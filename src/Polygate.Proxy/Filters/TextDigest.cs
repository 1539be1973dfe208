using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Polygate.Proxy.Filters;

/// <summary>
/// Texts that clients send, as keys of shared state: a digest that nobody can aim, so that one client cannot use or take
/// another's place.
/// </summary>
internal static class TextDigest
{
    public static UInt128 Of(ReadOnlySpan<byte> text)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, digest);
        return BinaryPrimitives.ReadUInt128BigEndian(digest);
    }
}
