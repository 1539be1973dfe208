using System.Text.Json;
using Polygate.Kubernetes.Cluster.Watching;

namespace Polygate.Kubernetes.Cluster.Statuses;

/// <summary>What is remembered of writing one object's status: little, as there is one for each object. One thread at a time.</summary>
internal sealed class WriteState
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private TimeSpan wait = FirstWait;
    private ulong lastPatch;
    private ulong lastBase;
    private ulong? settled;

    /// <summary>What was said last, as JSON text.</summary>
    public ReadOnlyMemory<byte>? Written { get; private set; }

    public long? WrittenAt { get; private set; }

    /// <summary>Whether a patch was done to this very status already: the server keeps something of it out, as a definition without the field does.</summary>
    public bool IsIneffective(ReadOnlySpan<byte> patch, ReadOnlySpan<byte> standing) =>
        WrittenAt is not null && Digest(standing) == lastBase && DigestOfContent(patch) == lastPatch;

    public void Succeeded(ReadOnlySpan<byte> patch, ReadOnlySpan<byte> standing, ReadOnlyMemory<byte>? said, long at) =>
        (lastPatch, lastBase, Written, WrittenAt, wait) = (DigestOfContent(patch), Digest(standing), said, at, FirstWait);

    /// <summary>Whether a status was found to say what it should before, so that it need not be looked into.</summary>
    /// <param name="standing">The status.</param>
    /// <param name="wanted">What it should say; empty for nothing.</param>
    public bool IsSettled(ReadOnlySpan<byte> standing, ReadOnlySpan<byte> wanted) => settled == Digest(standing, wanted);

    /// <summary>Remembers that a status says what it should.</summary>
    public void Settle(ReadOnlySpan<byte> standing, ReadOnlySpan<byte> wanted) => settled = Digest(standing, wanted);

    public TimeSpan NextWait()
    {
        var next = wait * (0.5 + (Random.Shared.NextDouble() / 2));
        wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
        return next;
    }

    /// <summary>The watch is about to bring the version that won.</summary>
    public TimeSpan NextConflictWait() => NextWait() / 10;

    private static ulong Digest(ReadOnlySpan<byte> standing, ReadOnlySpan<byte> wanted) => TextDigest.Add(Digest(standing), wanted);

    private static ulong Digest(ReadOnlySpan<byte> bytes) => TextDigest.Add(TextDigest.Start, bytes);

    /// <summary>Of the tokens in order, but for the times of transitions and the version it is based on.</summary>
    private static ulong DigestOfContent(ReadOnlySpan<byte> patch)
    {
        var digest = TextDigest.Start;
        var reader = new Utf8JsonReader(patch);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && (reader.ValueTextEquals("lastTransitionTime"u8) || reader.ValueTextEquals("resourceVersion"u8)))
            {
                reader.Skip();
                continue;
            }

            digest = TextDigest.Add(TextDigest.Add(digest, [(byte)reader.TokenType]), reader.ValueSpan);
        }

        return digest;
    }
}
