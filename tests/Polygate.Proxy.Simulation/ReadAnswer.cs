using System.Globalization;
using System.Text;

namespace Polygate.Proxy.Simulation;

/// <summary>An answer as the strictest of clients reads it.</summary>
/// <param name="Status">100 to 599.</param>
/// <param name="Head">Status line and fields.</param>
/// <param name="Body">Without its framing.</param>
/// <param name="IsComplete">Whether the body came to its end.</param>
public sealed record ReadAnswer(int Status, string Head, string Body, bool IsComplete)
{
    /// <summary>Reads what was sent to a client that asked with these methods, interim answers left out.</summary>
    /// <exception cref="FormatException">No server may send that.</exception>
    public static List<ReadAnswer> All(ReadOnlySpan<byte> output, params ReadOnlySpan<string> methods)
    {
        var text = Encoding.Latin1.GetString(output);
        var answers = new List<ReadAnswer>();
        foreach (var method in methods)
        {
            ReadAnswer? answer;
            while ((answer = Read(ref text, method)) is { Status: > 101 and < 200 or 100 })
            {
                // Interim.
            }

            if (answer is null)
                return answers;

            answers.Add(answer);
        }

        return text.Length == 0 ? answers : throw new FormatException("Something follows the last answer: " + text);
    }

    private static ReadAnswer? Read(ref string text, string method)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
            return text.Length == 0 ? null : throw new FormatException("A head without an end: " + text);

        var head = text[..end];
        text = text[(end + 4)..];
        var lines = head.Split("\r\n");
        CheckLines(lines);
        var status = int.Parse(lines[0].AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture);
        if (status == 101)
            return new ReadAnswer(status, head, Take(ref text, text.Length), IsComplete: true);

        if (status is < 200 or 204 or 304 || method == "HEAD")
            return new ReadAnswer(status, head, "", IsComplete: true);

        var lengths = Values(lines, "Content-Length");
        var codings = Values(lines, "Transfer-Encoding");
        return (lengths, codings) switch
        {
            ([var length], []) => ReadLength(ref text, new ReadAnswer(status, head, "", false), long.Parse(length, NumberStyles.None, CultureInfo.InvariantCulture)),
            ([], ["chunked"]) => ReadChunks(ref text, new ReadAnswer(status, head, "", false)),
            ([], []) when Values(lines, "Connection") is ["close"] => new ReadAnswer(status, head, Take(ref text, text.Length), IsComplete: true),
            _ => throw new FormatException("Framed ambiguously: " + head),
        };
    }

    private static void CheckLines(string[] lines)
    {
        var statusLine = lines[0];
        if (!statusLine.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) || statusLine.Length < 13 || statusLine[12] != ' ')
            throw new FormatException("A malformed status line: " + statusLine);

        foreach (var line in lines[1..])
        {
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            var isToken = colon > 0 && line[..colon].All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal));
            if (!isToken || line.Any(c => (c < ' ' && c != '\t') || c == 0x7F))
                throw new FormatException("A malformed field: " + line);
        }
    }

    private static string[] Values(string[] lines, string name) =>
    [
        .. lines.Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)).Select(line => line[(name.Length + 1)..].Trim()),
    ];

    private static ReadAnswer ReadLength(ref string text, ReadAnswer answer, long length)
    {
        var isComplete = text.Length >= length;
        return answer with { Body = Take(ref text, (int)Math.Min(length, text.Length)), IsComplete = isComplete };
    }

    private static ReadAnswer ReadChunks(ref string text, ReadAnswer answer)
    {
        var body = new StringBuilder();
        while (true)
        {
            var end = text.IndexOf("\r\n", StringComparison.Ordinal);
            if (end < 0)
                return answer with { Body = body + Take(ref text, text.Length) };

            var size = long.Parse(Take(ref text, end), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            Take(ref text, 2);
            if (size == 0)
                return ReadTrailers(ref text, answer with { Body = body.ToString() });

            if (text.Length < size + 2)
                return answer with { Body = body + Take(ref text, text.Length) };

            body.Append(Take(ref text, (int)size));
            if (Take(ref text, 2) != "\r\n")
                throw new FormatException("A chunk without its end.");
        }
    }

    private static ReadAnswer ReadTrailers(ref string text, ReadAnswer answer)
    {
        if (text.StartsWith("\r\n", StringComparison.Ordinal))
        {
            Take(ref text, 2);
            return answer with { IsComplete = true };
        }

        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
            return answer with { Body = answer.Body + Take(ref text, text.Length) };

        var trailers = Take(ref text, end + 4)[..^4];
        CheckLines(["HTTP/1.1 200 ", .. trailers.Split("\r\n")]);
        return answer with { IsComplete = true };
    }

    private static string Take(ref string text, int count)
    {
        var taken = text[..count];
        text = text[count..];
        return taken;
    }
}
