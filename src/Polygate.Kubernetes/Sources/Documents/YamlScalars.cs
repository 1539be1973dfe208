using System.Globalization;
using System.Numerics;
using System.Text;

namespace Polygate.Kubernetes.Sources.Documents;

/// <summary>
/// What an unquoted YAML scalar is. Kubernetes' tools read manifests with the YAML 1.1 rules of their Go library, and so
/// does this: <c>yes</c>, <c>on</c> and <c>y</c> are booleans, <c>0x1f</c>, <c>0o17</c>, <c>017</c> and <c>1_000</c> are numbers,
/// dates stay text. Quoted scalars are always text.
/// </summary>
internal static class YamlScalars
{
    /// <summary>Enough for 64 bits in any radix.</summary>
    private const int MaximumDigits = 64;

    private const string TagPrefix = "tag:yaml.org,2002:";

    /// <summary>Reads a scalar.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="plain">Whether it is written without quotes and not as a block.</param>
    /// <param name="tag">Its explicit tag, or empty.</param>
    /// <param name="line">From 1.</param>
    /// <exception cref="DocumentException">The text does not fit an explicit tag, or JSON has no such value.</exception>
    public static ScalarNode Resolve(string text, bool plain, string tag, int line)
    {
        switch (tag)
        {
            case TagPrefix + "str":
                return ScalarNode.String(line, text);
            case TagPrefix + "binary":
                return Binary(text, line);
            case TagPrefix + "int" or TagPrefix + "bool" or TagPrefix + "float" or TagPrefix + "null":
                var resolved = Plain(text, line);
                return resolved.Kind != System.Text.Json.JsonValueKind.String
                    ? resolved
                    : throw new DocumentException("syntax", $"The value does not fit its tag !!{tag[TagPrefix.Length..]}.", line);
            default:
                return plain && tag.Length == 0 ? Plain(text, line) : ScalarNode.String(line, text);
        }
    }

    private static ScalarNode Plain(string text, int line)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return ScalarNode.Null(line);
            case "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "y" or "Y" or "on" or "On" or "ON":
                return ScalarNode.Boolean(line, true);
            case "false" or "False" or "FALSE" or "no" or "No" or "NO" or "n" or "N" or "off" or "Off" or "OFF":
                return ScalarNode.Boolean(line, false);
            case ".nan" or ".NaN" or ".NAN" or ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF" or "-.inf" or "-.Inf" or "-.INF":
                throw new DocumentException("syntax", "Infinity and not-a-number cannot be written in JSON, which Kubernetes objects are.", line);
        }

        return text[0] is (>= '0' and <= '9') or '+' or '-' or '.' && Number(text, line) is { } number
            ? number
            : ScalarNode.String(line, text);
    }

    private static ScalarNode? Number(string text, int line)
    {
        var digits = text.Contains('_') ? text.Replace("_", "", StringComparison.Ordinal) : text;
        if (Integer(digits) is { } integer)
        {
            return integer >= long.MinValue && integer <= long.MaxValue
                ? ScalarNode.Integer(line, (long)integer)
                : ScalarNode.Number(line, (double)integer);
        }

        return LooksDecimal(digits)
            && double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number)
                ? ScalarNode.Number(line, number)
                : null;
    }

    private static BigInteger? Integer(string text)
    {
        var negative = text[0] == '-';
        var digits = text.AsSpan(text[0] is '+' or '-' ? 1 : 0);
        var radix = 10;
        if (digits.Length > 1 && digits[0] == '0')
        {
            (radix, var skip) = digits[1] switch
            {
                'x' or 'X' => (16, 2),
                'o' or 'O' => (8, 2),
                'b' or 'B' => (2, 2),
                _ => (8, 1),
            };
            digits = digits[skip..];
        }

        if (digits.Length is 0 or > MaximumDigits)
        {
            return null;
        }

        var value = BigInteger.Zero;
        foreach (var digit in digits)
        {
            var weight = char.IsAsciiHexDigit(digit) ? Convert.ToInt32(digit.ToString(), 16) : radix;
            if (weight >= radix)
            {
                return null;
            }

            value = (value * radix) + weight;
        }

        return negative ? -value : value;
    }

    /// <summary>Sign, digits with at most one dot, exponent: leaves out what .NET reads as a number and YAML does not.</summary>
    private static bool LooksDecimal(string text)
    {
        var anyDigit = false;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case >= '0' and <= '9':
                    anyDigit = true;
                    break;
                case '+' or '-' when i == 0 || text[i - 1] is 'e' or 'E':
                case '.':
                    break;
                case 'e' or 'E' when anyDigit:
                    break;
                default:
                    return false;
            }
        }

        return anyDigit;
    }

    private static ScalarNode Binary(string text, int line)
    {
        try
        {
            return ScalarNode.String(line, Encoding.UTF8.GetString(Convert.FromBase64String(text)));
        }
        catch (FormatException)
        {
            throw new DocumentException("syntax", "The value tagged !!binary is not base64.", line);
        }
    }
}
