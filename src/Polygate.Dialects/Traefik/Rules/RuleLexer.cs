using System.Text;

namespace Polygate.Dialects.Traefik.Rules;

internal enum RuleTokenKind
{
    Name,
    Text,
    Open,
    Close,
    Comma,
    And,
    Or,
    Not,

    /// <summary>A line break after something that could end the rule: as in Go, the rule ends there.</summary>
    LineEnd,
    End,
}

/// <param name="Kind">What it is.</param>
/// <param name="Value">A name, or the value of a string literal.</param>
/// <param name="Position">The offset in the rule, from 0.</param>
internal readonly record struct RuleToken(RuleTokenKind Kind, string Value, int Position);

/// <summary>
/// Splits a rule into tokens. Rules are Go expressions: strings are raw (in backticks) or interpreted (in double quotes,
/// with Go's escapes), and a line break ends the expression unless an operator, a comma or an opening parenthesis precedes it.
/// </summary>
internal sealed class RuleLexer
{
    private readonly string rule;
    private readonly List<RuleToken> tokens = [];
    private int at;

    private RuleLexer(string rule) => this.rule = rule;

    /// <exception cref="RuleSyntaxException">A character or a string literal that Go would not accept.</exception>
    public static IReadOnlyList<RuleToken> Read(string rule)
    {
        var lexer = new RuleLexer(rule);
        lexer.ReadAll();
        return lexer.tokens;
    }

    private void ReadAll()
    {
        while (at < rule.Length)
        {
            ReadOne();
        }

        tokens.Add(new RuleToken(RuleTokenKind.End, "", rule.Length));
    }

    private void ReadOne()
    {
        var start = at;
        switch (rule[at])
        {
            case '\n':
                EndLine();
                break;
            case ' ' or '\t' or '\r':
                at++;
                break;
            case '(':
                Add(RuleTokenKind.Open, 1);
                break;
            case ')':
                Add(RuleTokenKind.Close, 1);
                break;
            case ',':
                Add(RuleTokenKind.Comma, 1);
                break;
            case '!':
                Add(RuleTokenKind.Not, 1);
                break;
            case '&' when Next() == '&':
                Add(RuleTokenKind.And, 2);
                break;
            case '|' when Next() == '|':
                Add(RuleTokenKind.Or, 2);
                break;
            case '`':
                tokens.Add(new RuleToken(RuleTokenKind.Text, RawText(), start));
                break;
            case '"':
                tokens.Add(new RuleToken(RuleTokenKind.Text, InterpretedText(), start));
                break;
            case '\'':
                throw new RuleSyntaxException("Single quotes do not make a string here; use backticks or double quotes", start);
            case var letter when char.IsLetter(letter) || letter == '_':
                tokens.Add(new RuleToken(RuleTokenKind.Name, Name(), start));
                break;
            default:
                throw new RuleSyntaxException($"Unexpected '{rule[at]}'", start);
        }
    }

    private void EndLine()
    {
        if (tokens.Count > 0 && tokens[^1].Kind is RuleTokenKind.Name or RuleTokenKind.Text or RuleTokenKind.Close)
        {
            tokens.Add(new RuleToken(RuleTokenKind.LineEnd, "", at));
        }

        at++;
    }

    private char Next() => at + 1 < rule.Length ? rule[at + 1] : '\0';

    private void Add(RuleTokenKind kind, int length)
    {
        tokens.Add(new RuleToken(kind, rule.Substring(at, length), at));
        at += length;
    }

    private string Name()
    {
        var start = at;
        while (at < rule.Length && (char.IsLetterOrDigit(rule[at]) || rule[at] == '_'))
        {
            at++;
        }

        return rule[start..at];
    }

    private string RawText()
    {
        var start = at++;
        var end = rule.IndexOf('`', at);
        if (end < 0)
        {
            throw new RuleSyntaxException("The string has no closing backtick", start);
        }

        var text = rule[at..end];
        at = end + 1;

        // The Go specification discards carriage returns from raw strings.
        return text.Replace("\r", "", StringComparison.Ordinal);
    }

    private string InterpretedText()
    {
        var start = at++;
        var text = new StringBuilder();
        while (at < rule.Length && rule[at] != '\n')
        {
            switch (rule[at])
            {
                case '"':
                    at++;
                    return text.ToString();
                case '\\':
                    Escape(text);
                    break;
                default:
                    text.Append(rule[at++]);
                    break;
            }
        }

        throw new RuleSyntaxException("The string has no closing quotation mark", start);
    }

    private void Escape(StringBuilder text)
    {
        var start = at++;
        var letter = at < rule.Length ? rule[at++] : '\0';
        switch (letter)
        {
            case 'a':
                text.Append('\a');
                break;
            case 'b':
                text.Append('\b');
                break;
            case 'f':
                text.Append('\f');
                break;
            case 'n':
                text.Append('\n');
                break;
            case 'r':
                text.Append('\r');
                break;
            case 't':
                text.Append('\t');
                break;
            case 'v':
                text.Append('\v');
                break;
            case '\\' or '"':
                text.Append(letter);
                break;
            case 'x':
                text.Append((char)Number(start, 2, 16));
                break;
            case 'u':
                AppendRune(text, Number(start, 4, 16), start);
                break;
            case 'U':
                AppendRune(text, Number(start, 8, 16), start);
                break;
            case >= '0' and <= '7':
                at--;
                text.Append((char)Number(start, 3, 8));
                break;
            default:
                throw new RuleSyntaxException("Unknown escape in a quoted string; in backticks a backslash stands for itself", start);
        }
    }

    private static void AppendRune(StringBuilder text, long value, int position)
    {
        if (value > int.MaxValue || !Rune.IsValid((int)value))
        {
            throw new RuleSyntaxException("The escape names no Unicode character", position);
        }

        text.Append(new Rune((int)value).ToString());
    }

    private long Number(int start, int digits, int numberBase)
    {
        long value = 0;
        for (var i = 0; i < digits; i++, at++)
        {
            var digit = at < rule.Length && char.IsAsciiHexDigit(rule[at]) ? Convert.ToInt32(rule[at].ToString(), 16) : numberBase;
            if (digit >= numberBase)
            {
                throw new RuleSyntaxException($"The escape needs {digits} digits", start);
            }

            value = (value * numberBase) + digit;
        }

        return numberBase == 8 && value > 255 ? throw new RuleSyntaxException("The octal escape is above 377", start) : value;
    }
}
