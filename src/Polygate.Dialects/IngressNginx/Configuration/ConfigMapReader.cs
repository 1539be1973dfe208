using System.Globalization;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx.Configuration;

/// <summary>Reads the entries of a ConfigMap as typed values and collects what is wrong with them; a bad value leaves the default.</summary>
internal sealed class ConfigMapReader
{
    private readonly IDictionary<string, string> data;
    private readonly List<AnnotationProblem> problems = [];

    public ConfigMapReader(IDictionary<string, string> data) => this.data = data;

    public IReadOnlyList<AnnotationProblem> Problems => problems;

    public IEnumerable<(string Name, string Value)> Entries => data.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => (pair.Key, pair.Value ?? ""));

    /// <summary>Says of every entry that has no effect that it has none.</summary>
    public void ReportUnsupported()
    {
        foreach (var (name, value) in Entries)
        {
            var key = ConfigMapTable.Find(name);
            if (value.Trim() == key?.Default)
            {
                continue;
            }

            var note = key is { Note.Length: > 0 } ? $": {key.Note}" : "";
            switch (key?.Support)
            {
                case null:
                    problems.Add(new AnnotationProblem(DiagnosticSeverity.Warning, "unsupported-field", name, "This key is not read; it has no effect."));
                    break;
                case AnnotationSupport.NoEffect:
                    problems.Add(new AnnotationProblem(DiagnosticSeverity.Info, "field-without-effect", name, $"This has no effect{note}."));
                    break;
                case AnnotationSupport.Unsupported:
                    problems.Add(new AnnotationProblem(DiagnosticSeverity.Warning, "unsupported-field", name, $"This is not supported and has no effect{note}."));
                    break;
                case AnnotationSupport.FailsClosed:
                    problems.Add(new AnnotationProblem(DiagnosticSeverity.Error, "unsupported-field", name, $"This may restrict access and is not supported{note}."));
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Takes over what a reader of annotations found, but for notes.</summary>
    /// <param name="problem">What it found.</param>
    /// <param name="key">The key it is about.</param>
    public void Take(AnnotationProblem problem, string key)
    {
        if (problem.Severity != DiagnosticSeverity.Info)
        {
            problems.Add(problem with { Annotation = key });
        }
    }

    public void Warn(string name, string message, string code = "invalid-field") => problems.Add(new AnnotationProblem(DiagnosticSeverity.Warning, code, name, message));

    /// <summary>The trimmed value; null when absent or empty.</summary>
    public string? Text(string name) => data.TryGetValue(name, out var value) && value?.Trim() is { Length: > 0 } text ? text : null;

    public bool Boolean(string name, bool fallback)
    {
        switch (Text(name))
        {
            case null:
                return fallback;
            case "1" or "t" or "T" or "TRUE" or "true" or "True":
                return true;
            case "0" or "f" or "F" or "FALSE" or "false" or "False":
                return false;
            default:
                Warn(name, "This is not a boolean; the default holds.");
                return fallback;
        }
    }

    public int Number(string name, int fallback, int least, int most)
    {
        if (Text(name) is not { } text)
        {
            return fallback;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return number;
        }

        Warn(name, $"This is not a number from {least} to {most}; the default holds.");
        return fallback;
    }

    public string? Choice(string name, params ReadOnlySpan<string> words)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        foreach (var word in words)
        {
            if (word.Equals(text, StringComparison.OrdinalIgnoreCase))
            {
                return word;
            }
        }

        Warn(name, "This is none of the words that are known; the default holds.");
        return null;
    }

    /// <summary>Words separated by commas.</summary>
    public ValueList<string> List(string name) =>
        (Text(name) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToValueList();

    /// <summary>Words separated by blanks.</summary>
    public IEnumerable<string> Words(string name) => (Text(name) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Networks; one that is malformed is left out and reported.</summary>
    public ValueList<string> Networks(string name)
    {
        var all = List(name).ToLookup(AnnotationReader.IsNetwork);
        foreach (var malformed in all[false])
        {
            problems.Add(new AnnotationProblem(DiagnosticSeverity.Error, "invalid-field", name, $"\"{malformed}\" is not a network in CIDR notation; it is not blocked."));
        }

        return all[true].ToValueList();
    }

    /// <summary>Whole values, or <c>~</c> (with <c>~*</c> without case) and a regular expression.</summary>
    public ValueList<TextPattern> Patterns(string name)
    {
        var patterns = new List<TextPattern>();
        foreach (var written in List(name))
        {
            var withoutCase = written.StartsWith("~*", StringComparison.Ordinal);
            var pattern = written[0] == '~' ? written[(withoutCase ? 2 : 1)..] : null;
            if (pattern is null)
            {
                patterns.Add(TextPattern.Exact(written, ignoreCase: true));
            }
            else if (LocationRegex.Check(pattern).Problem is { } problem)
            {
                problems.Add(new AnnotationProblem(DiagnosticSeverity.Error, "invalid-field", name, $"\"{pattern}\" is not a regular expression ({problem}); it is not blocked."));
            }
            else
            {
                patterns.Add(TextPattern.Regex(pattern, withoutCase));
            }
        }

        return patterns.ToValueList();
    }

    /// <summary>The name of a namespaced object; null when absent or malformed.</summary>
    public string? FullName(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (text.Split('/') is [{ Length: > 0 }, { Length: > 0 }])
        {
            return text;
        }

        Warn(name, "This is not namespace/name; it has no effect.");
        return null;
    }
}
