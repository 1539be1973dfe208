using System.Text.Json;
using Polygate.Kubernetes.Resources;

namespace Polygate.Kubernetes.Cluster.Watching;

/// <summary>An object as the API server last told of it.</summary>
internal sealed class ClusterObject
{
    private ClusterObject(Resource resource, string apiVersion, ulong digest, string version, byte[] status, string[] finalizers)
    {
        Resource = resource;
        ApiVersion = apiVersion;
        Digest = digest;
        Version = version;
        Status = status;
        Finalizers = finalizers;
    }

    public Resource Resource { get; }

    /// <summary>The API version it was read in.</summary>
    public string ApiVersion { get; }

    /// <summary>Equal for equal content.</summary>
    public ulong Digest { get; }

    /// <summary>The resource version.</summary>
    public string Version { get; }

    /// <summary>The status as JSON, where it is kept; empty when there is none.</summary>
    public byte[] Status { get; }

    /// <summary>Who has to agree before the object is deleted; kept with the status.</summary>
    public string[] Finalizers { get; }

    /// <summary>The object as JSON, for the snapshot; null when it was taken or none is kept.</summary>
    public byte[]? Json { get; set; }

    /// <summary>Reads an object.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="apiVersion">The version it is in.</param>
    /// <param name="scan">What was found out of the text.</param>
    /// <param name="json">The text.</param>
    /// <param name="known">The object as it was; null when it is new.</param>
    /// <param name="keepsJson">Whether the text is kept.</param>
    /// <exception cref="JsonException">It does not fit the kind.</exception>
    public static ClusterObject Read(WatchedKind kind, string apiVersion, in ObjectScan scan, ReadOnlySpan<byte> json, ClusterObject? known, bool keepsJson)
    {
        var resource = kind.Type.Read(json, apiVersion);
        WatchedKind.Trim(resource);
        return new ClusterObject(resource, apiVersion, scan.Digest, scan.Version, StatusOf(kind, scan, json, known), FinalizersOf(kind, scan, json))
        {
            Json = keepsJson ? Lean(scan, json) : null,
        };
    }

    /// <summary>The same content with another status, or other finalizers.</summary>
    public ClusterObject WithStatus(WatchedKind kind, in ObjectScan scan, ReadOnlySpan<byte> json)
    {
        Resource.Metadata.ResourceVersion = scan.Version;
        return new ClusterObject(Resource, ApiVersion, Digest, scan.Version, StatusOf(kind, scan, json, this), FinalizersOf(kind, scan, json)) { Json = Json };
    }

    /// <summary>The status, in the known instance where it is the same: most changes are of the spec alone.</summary>
    private static byte[] StatusOf(WatchedKind kind, in ObjectScan scan, ReadOnlySpan<byte> json, ClusterObject? known)
    {
        var status = kind.KeepsStatus ? json[scan.Status] : [];
        return known is not null && status.SequenceEqual(known.Status) ? known.Status : status.ToArray();
    }

    private static string[] FinalizersOf(WatchedKind kind, in ObjectScan scan, ReadOnlySpan<byte> json)
    {
        if (!kind.KeepsStatus || scan.Finalizers.Equals(default))
        {
            return [];
        }

        var reader = new Utf8JsonReader(json[scan.Finalizers]);
        var names = new List<string>();
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                names.Add(TextPool.Instance.Get(ref reader));
            }
        }

        return [.. names];
    }

    /// <summary>The JSON without managed fields.</summary>
    private static byte[] Lean(in ObjectScan scan, ReadOnlySpan<byte> json) =>
        scan.ManagedFields.Equals(default) ? json.ToArray() : [.. json[..scan.ManagedFields.Start], .. "null"u8, .. json[scan.ManagedFields.End..]];
}
