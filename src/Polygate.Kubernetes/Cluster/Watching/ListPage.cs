using System.Text.Json;

namespace Polygate.Kubernetes.Cluster.Watching;

/// <summary>One page of a list, as the API server sends it.</summary>
/// <param name="Version">The resource version of the whole list.</param>
/// <param name="Continue">What asks for the next page; empty on the last.</param>
/// <param name="Items">Where the objects stand.</param>
internal sealed record ListPage(string Version, string Continue, IReadOnlyList<Range> Items)
{
    /// <exception cref="JsonException">It is no list.</exception>
    public static ListPage Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var (version, next) = ("", "");
        var items = new List<Range>();
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                reader.Read();
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var isVersion = reader.ValueTextEquals("resourceVersion"u8);
                    var isNext = reader.ValueTextEquals("continue"u8);
                    reader.Read();
                    (version, next) = (isVersion ? reader.GetString()! : version, isNext ? reader.GetString()! : next);
                    reader.Skip();
                }
            }
            else if (reader.ValueTextEquals("items"u8))
            {
                reader.Read();
                while (reader.TokenType != JsonTokenType.Null && reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                {
                    var start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    items.Add(start..(int)reader.BytesConsumed);
                }
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return version.Length == 0 ? throw new JsonException("The answer is no list.") : new ListPage(version, next, items);
    }
}

/// <summary>What a line of a watch says.</summary>
internal enum WatchEventKind
{
    /// <summary>An object is new or changed.</summary>
    Set,

    /// <summary>An object is gone.</summary>
    Removed,

    /// <summary>Everything up to a resource version was sent.</summary>
    Bookmark,

    /// <summary>The watch cannot go on.</summary>
    Error,
}

/// <summary>A line of a watch.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Object">Where its object stands.</param>
internal readonly record struct WatchEvent(WatchEventKind Kind, Range Object)
{
    /// <exception cref="JsonException">It is no event.</exception>
    public static WatchEvent Read(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        WatchEventKind? kind = null;
        Range value = default;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("type"u8);
            var isObject = reader.ValueTextEquals("object"u8);
            reader.Read();
            if (isType)
            {
                kind = KindOf(ref reader);
            }

            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isObject)
            {
                value = start..(int)reader.BytesConsumed;
            }
        }

        return kind is { } found && !value.Equals(default) ? new WatchEvent(found, value) : throw new JsonException("The line is no event of a watch.");
    }

    private static WatchEventKind KindOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("ADDED"u8) || reader.ValueTextEquals("MODIFIED"u8) ? WatchEventKind.Set
        : reader.ValueTextEquals("DELETED"u8) ? WatchEventKind.Removed
        : reader.ValueTextEquals("BOOKMARK"u8) ? WatchEventKind.Bookmark
        : reader.ValueTextEquals("ERROR"u8) ? WatchEventKind.Error
        : throw new JsonException("The type of the event is not known.");
}
