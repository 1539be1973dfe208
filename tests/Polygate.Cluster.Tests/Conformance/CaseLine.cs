using System.Text;

namespace Polygate.Cluster.Tests.Conformance;

/// <summary>A line of a case file: words, of which some are <c>name=value</c> with a value that may be quoted.</summary>
internal static class CaseLine
{
    /// <summary>The words of a line; quotes hold spaces together and are taken away.</summary>
    public static List<string> Words(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var quoted = false;
        foreach (var letter in line)
        {
            if (letter == '"')
            {
                quoted = !quoted;
            }
            else if (letter == ' ' && !quoted)
            {
                Flush();
            }
            else
            {
                word.Append(letter);
            }
        }

        Flush();
        return words;

        void Flush()
        {
            if (word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }
    }

    /// <summary>A word's name and value; an empty value without an equals sign.</summary>
    public static (string Name, string Value) Pair(string word)
    {
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (word, "") : (word[..equals], word[(equals + 1)..]);
    }

    /// <summary>Namespace and name; the suite's infrastructure namespace where none is written.</summary>
    public static (string Namespace, string Name) Key(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? ("gateway-conformance-infra", text) : ("gateway-conformance-" + text[..slash], text[(slash + 1)..]);
    }
}
