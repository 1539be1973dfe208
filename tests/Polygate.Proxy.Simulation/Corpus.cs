using System.Globalization;
using System.Text;

namespace Polygate.Proxy.Simulation;

/// <summary>One stream of bytes that a client or a backend may send, and what is known about it.</summary>
/// <param name="Name">Where it stands and what it is.</param>
/// <param name="Bytes">As sent.</param>
/// <param name="Notes">The lines <c>key: value</c> above it; <c>group</c> is the name without the word of <c>each</c>.</param>
public sealed record CorpusCase(string Name, byte[] Bytes, IReadOnlyDictionary<string, string> Notes)
{
    private const int LongLength = 1024;

    /// <summary>Every place where a read may end; of long ones those near both ends, and some two hundred between.</summary>
    public IEnumerable<int> Boundaries()
    {
        var step = Math.Max(1, Bytes.Length / 211);
        for (var i = 1; i < Bytes.Length; i++)
        {
            if (Bytes.Length <= LongLength || i < 64 || i > Bytes.Length - 64 || i % step == 0)
                yield return i;
        }
    }

    /// <summary>The bytes in two pieces.</summary>
    public ReadOnlyMemory<byte>[] SplitAt(int boundary) => [Bytes.AsMemory(0, boundary), Bytes.AsMemory(boundary)];

    /// <summary>The bytes in pieces of one size.</summary>
    public ReadOnlyMemory<byte>[] InPiecesOf(int size) =>
        [.. Enumerable.Range(0, (Bytes.Length + size - 1) / size).Select(i => Bytes.AsMemory(i * size, Math.Min(size, Bytes.Length - (i * size))))];
}

/// <summary>
/// Reads corpus files. A case begins with <c>## name</c>, then notes (<c>key: value</c>), then its bytes: a line after <c>| </c> is sent with
/// CR LF, after <c>> </c> without. Escapes: \r \n \t \0 \s (space) \\ \xHH, and \(3*ab) for ababab. The note <c>each</c> makes a case of every one of
/// its words, in place of <c>{}</c>.
/// </summary>
public static class Corpus
{
    /// <summary>The cases of the files that come with this library.</summary>
    /// <param name="folder"><c>requests</c> or <c>responses</c>.</param>
    public static IReadOnlyList<CorpusCase> Load(string folder) =>
    [
        .. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Corpus", folder), "*.corpus")
            .Order(StringComparer.Ordinal)
            .SelectMany(file => Parse(Path.GetFileNameWithoutExtension(file), File.ReadAllLines(file))),
    ];

    internal static IEnumerable<CorpusCase> Parse(string file, IEnumerable<string> lines)
    {
        string? name = null;
        var notes = new Dictionary<string, string>();
        var text = new StringBuilder();
        foreach (var line in lines)
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                foreach (var made in Make(file, name, notes, text.ToString()))
                    yield return made;

                name = line[3..];
                notes = [];
                text.Clear();
            }
            else if (line.StartsWith('|'))
            {
                text.Append(line.Length > 2 ? line[2..] : "").Append("\\r\\n");
            }
            else if (line.StartsWith('>'))
            {
                text.Append(line.Length > 2 ? line[2..] : "");
            }
            else if (line.Length > 0 && line[0] != '#')
            {
                var colon = line.IndexOf(": ", StringComparison.Ordinal);
                notes.Add(line[..colon], line[(colon + 2)..]);
            }
        }

        foreach (var made in Make(file, name, notes, text.ToString()))
            yield return made;
    }

    private static IEnumerable<CorpusCase> Make(string file, string? name, Dictionary<string, string> notes, string text)
    {
        if (name is null)
            return [];

        notes.Add("group", $"{file}: {name}");

        return notes.TryGetValue("each", out var words)
            ? words.Split(' ').Select(word => new CorpusCase($"{file}: {name} {word}", Unescape(text.Replace("{}", word, StringComparison.Ordinal)), notes))
            : [new CorpusCase($"{file}: {name}", Unescape(text), notes)];
    }

    private static byte[] Unescape(string text)
    {
        var bytes = new List<byte>();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(text, i, 1));
                continue;
            }

            switch (text[++i])
            {
                case 'r':
                    bytes.Add((byte)'\r');
                    break;
                case 'n':
                    bytes.Add((byte)'\n');
                    break;
                case 't':
                    bytes.Add((byte)'\t');
                    break;
                case '0':
                    bytes.Add(0);
                    break;
                case 's':
                    bytes.Add((byte)' ');
                    break;
                case '\\':
                    bytes.Add((byte)'\\');
                    break;
                case 'x':
                    bytes.Add(byte.Parse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                    i += 2;
                    break;
                case '(':
                    var star = text.IndexOf('*', i);
                    var close = ClosingOf(text, star);
                    var repeated = Unescape(text[(star + 1)..close]);
                    for (var count = int.Parse(text.AsSpan(i + 1, star - i - 1), CultureInfo.InvariantCulture); count > 0; count--)
                        bytes.AddRange(repeated);

                    i = close;
                    break;
                default:
                    throw new FormatException($"An escape that is none in: {text}");
            }
        }

        return [.. bytes];
    }

    /// <summary>Where the repetition ends whose text begins here; others may be inside.</summary>
    private static int ClosingOf(string text, int from)
    {
        for (int i = from, depth = 1; i < text.Length; i++)
        {
            if (text[i] == '\\' && text[++i] == '(')
                depth++;
            else if (text[i] == ')' && text[i - 1] != '\\' && --depth == 0)
                return i;
        }

        throw new FormatException($"A repetition without an end in: {text}");
    }
}
