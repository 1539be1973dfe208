using System.Text;
using System.Text.Json;

namespace Polygate.Kubernetes.Sources.Documents;

/// <summary>Reads JSON values, one after the other, with lines and unique keys.</summary>
internal static class JsonDocuments
{
    /// <exception cref="DocumentException">The text is not JSON.</exception>
    public static List<SourceNode> Read(string text, KeyPool keyPool)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var context = new Context(new LineCounter(bytes), keyPool);
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions
        {
            AllowMultipleValues = true,
            MaxDepth = YamlDocuments.MaximumDepth,
        });
        var values = new List<SourceNode>();
        try
        {
            while (reader.Read())
            {
                values.Add(Value(ref reader, context));
            }

            return values;
        }
        catch (JsonException exception)
        {
            var message = exception.Message;
            var position = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
            message = position < 0 ? message : message[..position];
            throw new DocumentException(
                "syntax", message.Replace(" Change the reader options.", "", StringComparison.Ordinal), (int)(exception.LineNumber ?? 0) + 1);
        }
        catch (InvalidOperationException)
        {
            throw new DocumentException("syntax", "A string is not well-formed Unicode.", context.Lines.LineAt(reader.TokenStartIndex));
        }
    }

    private static SourceNode Value(ref Utf8JsonReader reader, Context context)
    {
        var line = context.Lines.LineAt(reader.TokenStartIndex);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return Object(ref reader, context, line);
            case JsonTokenType.StartArray:
                var sequence = new SequenceNode(line);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    sequence.Items.Add(Value(ref reader, context));
                }

                return sequence;
            case JsonTokenType.String:
                return ScalarNode.String(line, reader.GetString()!);
            case JsonTokenType.True or JsonTokenType.False:
                return ScalarNode.Boolean(line, reader.TokenType == JsonTokenType.True);
            case JsonTokenType.Number:
                return reader.TryGetInt64(out var integer) ? ScalarNode.Integer(line, integer) : ScalarNode.Number(line, reader.GetDouble());
            default:
                return ScalarNode.Null(line);
        }
    }

    private static MappingNode Object(ref Utf8JsonReader reader, Context context, int line)
    {
        var mapping = new MappingNode(line);
        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var keyLine = context.Lines.LineAt(reader.TokenStartIndex);
            var key = reader.GetString()!;
            if (!keys.Add(key))
            {
                throw new DocumentException("duplicate-key", $"The key \"{key}\" stands twice in the same object.", keyLine);
            }

            reader.Read();
            mapping.Entries.Add(new MappingEntry(context.Keys.Same(key), keyLine, Value(ref reader, context)));
        }

        return mapping;
    }

    private sealed record Context(LineCounter Lines, KeyPool Keys);

    /// <summary>Counts lines up to positions that only grow.</summary>
    private sealed class LineCounter(byte[] text)
    {
        private int position;
        private int line = 1;

        public int LineAt(long index)
        {
            line += text.AsSpan(position, (int)index - position).Count((byte)'\n');
            position = (int)index;
            return line;
        }
    }
}
