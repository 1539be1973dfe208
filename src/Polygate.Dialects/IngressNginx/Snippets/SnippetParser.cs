using System.Text;

namespace Polygate.Dialects.IngressNginx.Snippets;

/// <summary>A directive of nginx's configuration language.</summary>
/// <param name="Name">Its first word.</param>
/// <param name="Arguments">The others, without their quotes.</param>
/// <param name="Block">What stands in its braces; null without braces.</param>
/// <param name="Line">Its line in the snippet, from 1.</param>
internal sealed record SnippetDirective(string Name, IReadOnlyList<string> Arguments, IReadOnlyList<SnippetDirective>? Block, int Line);

/// <summary>A snippet that does not read, or has what cannot be served; the message names the line.</summary>
internal sealed class SnippetException : Exception
{
    public SnippetException(string message, int line)
        : base($"{message} in line {line}")
    {
    }

    public SnippetException(string message, SnippetException inner)
        : base(message, inner) => IsInBlock = true;

    /// <summary>Whether the message names the block that it is in.</summary>
    public bool IsInBlock { get; }
}

/// <summary>
/// Reads nginx's configuration language: words, quoted strings, comments, semicolons and braces (nginx.org, "Beginner's Guide",
/// configuration file's structure). It knows no directive; what one means is decided elsewhere.
/// </summary>
internal sealed class SnippetParser
{
    private const int MaximumLength = 64 * 1024;
    private const int MaximumDepth = 8;
    private readonly string text;
    private int position;
    private int line = 1;

    private SnippetParser(string text) => this.text = text;

    /// <summary>The directives of a snippet.</summary>
    /// <exception cref="SnippetException">It does not read.</exception>
    public static IReadOnlyList<SnippetDirective> Parse(string text)
    {
        if (text.Length > MaximumLength)
        {
            throw new SnippetException("The snippet is longer than 64 KiB", 1);
        }

        return new SnippetParser(text).ReadDirectives(depth: 0);
    }

    private List<SnippetDirective> ReadDirectives(int depth)
    {
        var directives = new List<SnippetDirective>();
        while (true)
        {
            SkipBlanks();
            if (position == text.Length)
            {
                return depth == 0 ? directives : throw new SnippetException("A closing brace is missing", line);
            }

            if (text[position] == '}')
            {
                position++;
                return depth > 0 ? directives : throw new SnippetException("A closing brace closes nothing", line);
            }

            directives.Add(ReadDirective(depth));
        }
    }

    private SnippetDirective ReadDirective(int depth)
    {
        var start = line;
        var words = new List<string>();
        while (true)
        {
            SkipBlanks();
            if (position == text.Length)
            {
                throw new SnippetException("A semicolon is missing", line);
            }

            switch (text[position])
            {
                case ';' when words.Count > 0:
                    position++;
                    return new SnippetDirective(words[0], words[1..], null, start);
                case '{' when words.Count > 0:
                    position++;
                    if (depth == MaximumDepth)
                    {
                        throw new SnippetException("Blocks are nested too deep", line);
                    }

                    return new SnippetDirective(words[0], words[1..], ReadBlock(words[0], depth), start);
                case ';' or '{' or '}':
                    throw new SnippetException($"\"{text[position]}\" is out of place", line);
                default:
                    words.Add(ReadWord());
                    break;
            }
        }
    }

    private List<SnippetDirective> ReadBlock(string directive, int depth)
    {
        try
        {
            return ReadDirectives(depth + 1);
        }
        catch (SnippetException exception) when (!exception.IsInBlock)
        {
            throw new SnippetException($"The block of {directive} does not read: {exception.Message}", exception);
        }
    }

    private string ReadWord()
    {
        var quote = text[position];
        if (quote is '"' or '\'')
        {
            return ReadQuoted(quote);
        }

        var word = new StringBuilder();
        while (position < text.Length && !char.IsWhiteSpace(text[position]) && text[position] is not (';' or '{' or '}'))
        {
            // "${name}" is part of a word although it has braces.
            if (text[position] == '$' && position + 1 < text.Length && text[position + 1] == '{')
            {
                var close = text.IndexOf('}', position);
                close = close < 0 ? throw new SnippetException("A variable's brace is not closed", line) : close + 1;
                word.Append(text, position, close - position);
                position = close;
            }
            else
            {
                Take(word);
            }
        }

        return word.ToString();
    }

    private string ReadQuoted(char quote)
    {
        var word = new StringBuilder();
        position++;
        while (position < text.Length && text[position] != quote)
        {
            Take(word);
        }

        if (position++ >= text.Length)
        {
            throw new SnippetException("A quotation mark is not closed", line);
        }

        return word.ToString();
    }

    /// <summary>Takes a character, or after a backslash the one that is escaped; other backslashes stand for themselves.</summary>
    private void Take(StringBuilder word)
    {
        if (text[position] == '\n')
        {
            line++;
        }

        if (text[position] == '\\' && position + 1 < text.Length && text[position + 1] is '"' or '\'' or '\\' or ';' or '{' or '}' or ' ')
        {
            position++;
        }

        word.Append(text[position++]);
    }

    private void SkipBlanks()
    {
        while (position < text.Length && (char.IsWhiteSpace(text[position]) || text[position] == '#'))
        {
            if (text[position] == '#')
            {
                var end = text.IndexOf('\n', position);
                position = end < 0 ? text.Length : end;
            }
            else if (text[position++] == '\n')
            {
                line++;
            }
        }
    }
}
