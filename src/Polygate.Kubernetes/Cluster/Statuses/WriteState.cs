using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Polygate.Kubernetes.Cluster.Statuses;

/// <summary>What is remembered of writing one object's status: little, as there is one for each object. One thread at a time.</summary>
internal sealed class WriteState
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private TimeSpan wait = FirstWait;
    private ulong lastPatch;
    private ulong lastBase;

    /// <summary>What was said last, as JSON text.</summary>
    public ReadOnlyMemory<byte>? Written { get; private set; }

    public long? WrittenAt { get; private set; }

    /// <summary>Whether a patch was done to this very status already: the server keeps something of it out, as a definition without the field does.</summary>
    public bool IsIneffective(JsonObject patch, ReadOnlySpan<byte> standing) =>
        WrittenAt is not null && Digest(standing) == lastBase && DigestWithoutTimes(patch) == lastPatch;

    public void Succeeded(JsonObject patch, ReadOnlySpan<byte> standing, ReadOnlyMemory<byte>? said, long at) =>
        (lastPatch, lastBase, Written, WrittenAt, wait) = (DigestWithoutTimes(patch), Digest(standing), said, at, FirstWait);

    public TimeSpan NextWait()
    {
        var next = wait * (0.5 + (Random.Shared.NextDouble() / 2));
        wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
        return next;
    }

    /// <summary>The watch is about to bring the version that won.</summary>
    public TimeSpan NextConflictWait() => NextWait() / 10;

    private static ulong Digest(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }

    private static ulong DigestWithoutTimes(JsonObject patch)
    {
        var copy = patch.DeepClone();
        RemoveTimes(copy);
        return Digest(Encoding.UTF8.GetBytes(copy.ToJsonString()));
    }

    private static void RemoveTimes(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject fields:
                fields.Remove("lastTransitionTime");
                fields.ToList().ForEach(pair => RemoveTimes(pair.Value));
                break;
            case JsonArray items:
                items.ToList().ForEach(RemoveTimes);
                break;
        }
    }
}
