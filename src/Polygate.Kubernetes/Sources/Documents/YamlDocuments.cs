using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Polygate.Kubernetes.Sources.Documents;

/// <summary>One document's place inside a file.</summary>
/// <param name="Text">From its <c>---</c> line, if it has one, to before the next.</param>
/// <param name="LinesBefore">How many lines of the file stand before it.</param>
internal readonly record struct DocumentText(ReadOnlyMemory<char> Text, int LinesBefore);

/// <summary>Reads YAML documents from parser events, with anchors, aliases and merge keys resolved and keys unique.</summary>
internal sealed class YamlDocuments
{
    /// <summary>Deeper than any Kubernetes object, and as deep as the JSON reader goes.</summary>
    internal const int MaximumDepth = 60;

    private readonly Parser parser;
    private readonly Dictionary<string, SourceNode> anchors = new(StringComparer.Ordinal);

    private readonly KeyPool keyPool;

    private YamlDocuments(string text, KeyPool keyPool)
    {
        this.keyPool = keyPool;
        parser = new Parser(new StringReader(text));
    }

    /// <summary>
    /// Splits a file at its <c>---</c> lines, so that an error in one document does not hide the others. (Such a line
    /// ends a document even inside a block or quoted scalar, YAML 1.2 section 9.1.2.)
    /// </summary>
    public static List<DocumentText> Split(string text)
    {
        var documents = new List<DocumentText>();
        var start = 0;
        var startLine = 0;
        var hasContent = false;
        var line = 0;
        for (var at = 0; at < text.Length; line++)
        {
            var end = text.IndexOf('\n', at);
            end = end < 0 ? text.Length : end + 1;
            var row = text.AsSpan(at, end - at);
            if (row.StartsWith("---") && (row.Length == 3 || char.IsWhiteSpace(row[3])))
            {
                if (hasContent)
                {
                    documents.Add(new DocumentText(text.AsMemory(start..at), startLine));
                    (start, startLine) = (at, line);
                }

                hasContent = true;
            }
            else if (!hasContent && row[0] is not ('%' or '#') && !row.IsWhiteSpace())
            {
                hasContent = true;
            }

            at = end;
        }

        if (hasContent)
        {
            documents.Add(new DocumentText(text.AsMemory(start), startLine));
        }

        return documents;
    }

    /// <summary>Reads a document (or those that <c>...</c> lines separate).</summary>
    /// <exception cref="DocumentException">It is not well-formed.</exception>
    public static List<SourceNode> Read(string text, KeyPool keyPool)
    {
        var reader = new YamlDocuments(text, keyPool);
        try
        {
            return reader.Read();
        }
        catch (YamlException exception)
        {
            throw new DocumentException("syntax", Sentence(exception), Math.Max((int)exception.Start.Line, 1));
        }
    }

    private static string Sentence(YamlException exception)
    {
        var message = (exception.InnerException ?? exception).Message.Trim();
        return message.Length == 0 ? "This is not YAML." : char.ToUpperInvariant(message[0]) + message[1..].TrimEnd('.') + ".";
    }

    private List<SourceNode> Read()
    {
        var documents = new List<SourceNode>();
        parser.Consume<StreamStart>();
        while (!parser.TryConsume<StreamEnd>(out _))
        {
            parser.Consume<DocumentStart>();
            anchors.Clear();
            documents.Add(Node(0));
            parser.Consume<DocumentEnd>();
        }

        return documents;
    }

    private SourceNode Node(int depth)
    {
        var line = LineOf(parser.Current!);
        if (depth > MaximumDepth)
        {
            throw new DocumentException("too-large", $"The document nests more than {MaximumDepth} levels.", line);
        }

        if (parser.TryConsume<AnchorAlias>(out var alias))
        {
            return anchors.TryGetValue(alias.Value.Value, out var target)
                ? target
                : throw new DocumentException("syntax", $"The alias *{alias.Value.Value} has no anchor before it, or stands inside it.", line);
        }

        var head = parser.Consume<NodeEvent>();
        SourceNode node = head switch
        {
            Scalar scalar => YamlScalars.Resolve(scalar.Value, scalar.Style == ScalarStyle.Plain, TagOf(scalar), line),
            SequenceStart => Sequence(line, depth),
            _ => Mapping(line, depth),
        };
        if (!head.Anchor.IsEmpty)
        {
            anchors[head.Anchor.Value] = node;
        }

        return node;
    }

    private SequenceNode Sequence(int line, int depth)
    {
        var sequence = new SequenceNode(line);
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            sequence.Items.Add(Node(depth + 1));
        }

        return sequence;
    }

    private MappingNode Mapping(int line, int depth)
    {
        var mapping = new MappingNode(line);
        var keys = new HashSet<string>(StringComparer.Ordinal);
        List<SourceNode>? merged = null;
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var keyLine = LineOf(parser.Current!);
            if (parser.Current is Scalar { Value: "<<", Style: ScalarStyle.Plain, Tag.IsEmpty: true })
            {
                parser.MoveNext();
                (merged ??= []).Add(Node(depth + 1));
                continue;
            }

            var key = (Node(depth + 1) as ScalarNode)?.AsKey()
                ?? throw new DocumentException("syntax", "A key must be text.", keyLine);
            if (!keys.Add(key))
            {
                throw new DocumentException("duplicate-key", $"The key \"{key}\" stands twice in the same mapping.", keyLine);
            }

            mapping.Entries.Add(new MappingEntry(keyPool.Same(key), keyLine, Node(depth + 1)));
        }

        foreach (var source in merged ?? [])
        {
            Merge(mapping, keys, source);
        }

        return mapping;
    }

    /// <summary>Takes over what the mapping does not say itself; of several sources the first wins (YAML merge key type).</summary>
    private static void Merge(MappingNode mapping, HashSet<string> keys, SourceNode source)
    {
        foreach (var item in source is SequenceNode list ? list.Items : [source])
        {
            if (item is not MappingNode from)
            {
                throw new DocumentException("syntax", "A merge key needs a mapping or a list of mappings.", item.Line);
            }

            foreach (var entry in from.Entries)
            {
                if (keys.Add(entry.Key))
                {
                    mapping.Entries.Add(entry);
                }
            }
        }
    }

    private static string TagOf(Scalar scalar) => scalar.Tag.IsEmpty ? "" : scalar.Tag.IsNonSpecific ? "tag:yaml.org,2002:str" : scalar.Tag.Value;

    private static int LineOf(ParsingEvent parsed) => (int)parsed.Start.Line;
}
