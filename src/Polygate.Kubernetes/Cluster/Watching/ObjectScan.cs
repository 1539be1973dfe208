using System.Text.Json;
using Polygate.Kubernetes.Resources;

namespace Polygate.Kubernetes.Cluster.Watching;

/// <summary>
/// What can be told of an object without making it: its name and version, where its status stands, and a digest of everything that a
/// translation may read, so that a change of the status, of finalizers or of bookkeeping alone costs nothing.
/// </summary>
internal readonly struct ObjectScan
{
    private ObjectScan(string ns, string name, string version, ulong digest, Range status, Range managedFields, Range finalizers)
    {
        Namespace = ns;
        Name = name;
        Version = version;
        Digest = digest;
        Status = status;
        ManagedFields = managedFields;
        Finalizers = finalizers;
    }

    public string Namespace { get; }

    public string Name { get; }

    /// <summary>The resource version.</summary>
    public string Version { get; }

    /// <summary>Equal for equal content.</summary>
    public ulong Digest { get; }

    /// <summary>Where the value of <c>status</c> stands; empty when there is none.</summary>
    public Range Status { get; }

    /// <summary>Where the value of <c>metadata.managedFields</c> stands; empty when there is none.</summary>
    public Range ManagedFields { get; }

    /// <summary>Where the value of <c>metadata.finalizers</c> stands; empty when there is none.</summary>
    public Range Finalizers { get; }

    /// <param name="json">An object in UTF-8.</param>
    /// <param name="withStatus">Whether the status counts as content.</param>
    /// <exception cref="JsonException">It is no JSON object.</exception>
    public static ObjectScan Of(ReadOnlySpan<byte> json, bool withStatus)
    {
        var reader = new Utf8JsonReader(json);
        var digest = new Digester();
        var (ns, name, version) = ("", "", "");
        Range status = default, managed = default, finalizers = default;
        Open(ref reader);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                Open(ref reader);
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    if (reader.ValueTextEquals("name"u8))
                    {
                        name = Text(ref reader);
                    }
                    else if (reader.ValueTextEquals("namespace"u8))
                    {
                        ns = Text(ref reader);
                    }
                    else if (reader.ValueTextEquals("resourceVersion"u8))
                    {
                        version = Text(ref reader);
                    }
                    else if (reader.ValueTextEquals("managedFields"u8))
                    {
                        managed = Value(ref reader);
                    }
                    else if (reader.ValueTextEquals("finalizers"u8))
                    {
                        finalizers = Value(ref reader);
                    }
                    else if (reader.ValueTextEquals("generation"u8))
                    {
                        // It follows the spec, or (without a status subresource) counts our own writes.
                        Value(ref reader);
                    }
                    else
                    {
                        digest.Add(ref reader, json);
                    }
                }
            }
            else if (reader.ValueTextEquals("status"u8))
            {
                status = Value(ref reader);
                if (withStatus)
                {
                    digest.Add(json[status]);
                }
            }
            else if (reader.ValueTextEquals("apiVersion"u8) || reader.ValueTextEquals("kind"u8))
            {
                // Lists leave them out.
                Value(ref reader);
            }
            else
            {
                digest.Add(ref reader, json);
            }
        }

        return new ObjectScan(ns, name, version, digest.Value, status, managed, finalizers);
    }

    private static void Open(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("An object was expected.");
        }
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.String ? TextPool.Instance.Get(ref reader) : throw new JsonException("A text was expected.");
    }

    private static Range Value(ref Utf8JsonReader reader)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return start..(int)reader.BytesConsumed;
    }

    /// <summary>The digests of members are summed up, since servers may tell them in another order from one time to the next.</summary>
    private ref struct Digester
    {
        public ulong Value { get; private set; }

        public void Add(ReadOnlySpan<byte> bytes) => Value += TextDigest.Add(TextDigest.Start, bytes);

        /// <summary>Adds a property's name and value.</summary>
        public void Add(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
        {
            var name = TextDigest.Add(TextDigest.Start, reader.ValueSpan);
            Value += TextDigest.Add(name, json[ObjectScan.Value(ref reader)]);
        }
    }
}
