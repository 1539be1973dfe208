using System.Globalization;
using System.Text.Json.Nodes;
using Polygate.Kubernetes.Store;

namespace Polygate.Kubernetes.Sources.Documents;

/// <summary>
/// The line of every field of an object, as a flat tree: each entry is followed by its descendants. Paths are written
/// <c>spec.rules[0].host</c>; a key that is not a plain word may stand in brackets or as it is
/// (<c>metadata.annotations[example.com/a]</c>). Lines count from the object's first, so that objects written alike share one tree.
/// </summary>
internal sealed class FieldLines
{
    private static readonly RecentValues<Entry[]> Trees = new(1024, new ArrayComparer<Entry>());
    private readonly Entry[] entries;

    private FieldLines(Entry[] entries, int first)
    {
        this.entries = Trees.Share(entries);
        First = first;
    }

    /// <summary>The object's first line.</summary>
    public int First { get; }

    /// <summary>Turns a document into JSON and its lines.</summary>
    /// <exception cref="DocumentException">Aliases make it grow out of all proportion.</exception>
    public static (JsonNode? Json, FieldLines Lines) Convert(SourceNode root)
    {
        var builder = new Builder(root.Line);
        var json = builder.Add(root, null, root.Line, 0);
        return (json, new FieldLines([.. builder.Entries], root.Line));
    }

    /// <summary>The line of a field, or of its nearest ancestor that is written.</summary>
    public int LineOf(string field)
    {
        var current = 0;
        var rest = field.AsSpan();
        while (!rest.IsEmpty)
        {
            var child = Child(current, ref rest);
            if (child < 0)
            {
                break;
            }

            current = child;
        }

        return First + entries[current].Line;
    }

    private int Child(int parent, ref ReadOnlySpan<char> path)
    {
        var best = -1;
        var bestLength = 0;
        var index = 0;
        for (var child = parent + 1; child < entries[parent].End; child = entries[child].End, index++)
        {
            var length = MatchLength(path, entries[child].Key, index);
            if (length > bestLength)
            {
                (best, bestLength) = (child, length);
            }
        }

        path = path[bestLength..];
        return best;
    }

    /// <summary>How much of the path names this child, separators included; 0 when it names another.</summary>
    private static int MatchLength(ReadOnlySpan<char> path, string? key, int index)
    {
        if (path[0] == '[')
        {
            var close = path.IndexOf(']');
            if (close < 0)
            {
                return 0;
            }

            var inside = path[1..close];
            var named = key is null
                ? int.TryParse(inside, NumberStyles.None, CultureInfo.InvariantCulture, out var wanted) && wanted == index
                : inside.Trim("'\"").SequenceEqual(key);
            return named ? close + 1 : 0;
        }

        var start = path[0] == '.' ? 1 : 0;
        var rest = path[start..];
        return key is { Length: > 0 } && rest.StartsWith(key) && (rest.Length == key.Length || rest[key.Length] is '.' or '[')
            ? start + key.Length
            : 0;
    }

    /// <param name="Key">Null in a list.</param>
    /// <param name="Line">From 0, the object's first.</param>
    /// <param name="End">The index after the last descendant.</param>
    private readonly record struct Entry(string? Key, int Line, int End);

    private sealed class Builder(int first)
    {
        /// <summary>
        /// Generous for any object a cluster would take (1.5 MiB), far below what a chain of aliases of aliases expands to.
        /// </summary>
        private const int MaximumNodes = 500_000;

        public List<Entry> Entries { get; } = [];

        public JsonNode? Add(SourceNode node, string? key, int line, int depth)
        {
            if (Entries.Count >= MaximumNodes)
            {
                throw new DocumentException("too-large", $"The document has more than {MaximumNodes} values once its aliases are expanded.", line);
            }

            if (depth > YamlDocuments.MaximumDepth)
            {
                throw new DocumentException("too-large", $"The document nests more than {YamlDocuments.MaximumDepth} levels.", line);
            }

            var place = Entries.Count;
            Entries.Add(default);
            var json = node switch
            {
                ScalarNode scalar => scalar.ToJson(),
                SequenceNode sequence => Sequence(sequence, depth),
                _ => Mapping((MappingNode)node, depth),
            };
            Entries[place] = new Entry(key, line - first, Entries.Count);
            return json;
        }

        private JsonArray Sequence(SequenceNode sequence, int depth)
        {
            var array = new JsonArray();
            foreach (var item in sequence.Items)
            {
                array.Add(Add(item, null, item.Line, depth + 1));
            }

            return array;
        }

        private JsonObject Mapping(MappingNode mapping, int depth)
        {
            var json = new JsonObject();
            foreach (var entry in mapping.Entries)
            {
                json.Add(entry.Key, Add(entry.Value, entry.Key, entry.Line, depth + 1));
            }

            return json;
        }
    }
}
