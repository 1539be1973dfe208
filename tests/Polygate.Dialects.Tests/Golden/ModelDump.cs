using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Polygate.Dialects.Pipeline;
using Polygate.Model;

namespace Polygate.Dialects.Tests.Golden;

/// <summary>
/// Writes a translation as text that is read in review: every property that is not at its default, in the order of
/// the model. It goes by reflection so that no new property of the model can be forgotten here.
/// </summary>
internal static class ModelDump
{
    private const int LineLength = 140;

    private static readonly JsonSerializerOptions OneLine = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Write(Translator translator)
    {
        var text = new StringBuilder();
        var pieces = translator.Configuration.Pieces.Values.OrderBy(piece => piece.Id, StringComparer.Ordinal).ToList();
        Section(text, "listeners", pieces.SelectMany(piece => piece.Listeners).Select(item => (object)item));
        Section(text, "virtual hosts", pieces.SelectMany(piece => piece.VirtualHosts).Select(item => (object)item));
        Section(text, "tls", pieces.SelectMany(piece => piece.TlsBindings).Select(item => (object)item));
        Section(text, "routes", pieces.SelectMany(piece => piece.Routes).OrderBy(route => route.Id, StringComparer.Ordinal));
        Section(text, "stream routes", pieces.SelectMany(piece => piece.StreamRoutes).OrderBy(route => route.Id, StringComparer.Ordinal));
        Section(text, "backends", pieces.SelectMany(piece => piece.Backends).DistinctBy(backend => backend.Id).OrderBy(backend => backend.Id, StringComparer.Ordinal));
        Section(text, "certificates", pieces.SelectMany(piece => piece.Certificates).Select(certificate => certificate.Id).Distinct().Order(StringComparer.Ordinal));
        Section(text, "endpoints", translator.Configuration.EndpointSets.Values.OrderBy(set => set.Name, StringComparer.Ordinal));
        Statuses(text, translator);
        Section(text, "diagnostics", translator.Diagnostics.Select(DiagnosticLine));
        return text.ToString();
    }

    private static string DiagnosticLine(Diagnostic diagnostic)
    {
        var origin = diagnostic.Origin;
        var place = origin.Line > 0 ? $"{origin.File}:{origin.Line} " : "";
        return $"{diagnostic.Severity.ToString().ToLowerInvariant()} {diagnostic.Code} {place}{origin}{(origin.Field.Length > 0 ? " " + origin.Field : "")}: {diagnostic.Message}";
    }

    private static void Statuses(StringBuilder text, Translator translator)
    {
        var statuses = translator.Statuses.OrderBy(status => status.Resource.ToString(), StringComparer.Ordinal).ToList();
        if (statuses.Count == 0)
        {
            return;
        }

        text.Append("statuses:\n");
        foreach (var status in statuses)
        {
            text.Append("- ").Append(status.Resource).Append('\n');
            AppendFields(text, status.Status, 2);
        }

        text.Append('\n');
    }

    private static void AppendFields(StringBuilder text, JsonObject fields, int indent)
    {
        foreach (var (name, field) in fields)
        {
            text.Append(' ', indent).Append(name).Append(':');
            AppendField(text, field, indent);
        }
    }

    /// <summary>On the same line where it fits or holds nothing but plain values, else one line an item.</summary>
    private static void AppendField(StringBuilder text, JsonNode? field, int indent)
    {
        var line = field?.ToJsonString(OneLine) ?? "null";
        if (field is JsonObject fields && line.Length + indent > LineLength && fields.Any(item => item.Value is JsonObject or JsonArray))
        {
            text.Append('\n');
            AppendFields(text, fields, indent + 2);
        }
        else if (field is JsonArray items && line.Length + indent > LineLength)
        {
            text.Append('\n');
            foreach (var item in items)
            {
                text.Append(' ', indent).Append('-');
                AppendField(text, item, indent + 2);
            }
        }
        else
        {
            text.Append(' ').Append(line).Append('\n');
        }
    }

    private static void Section(StringBuilder text, string title, IEnumerable<object> items)
    {
        var any = false;
        foreach (var item in items)
        {
            if (!any)
            {
                text.Append(title).Append(":\n");
                any = true;
            }

            text.Append("- ");
            Append(text, item, 2);
            text.Append('\n');
        }

        if (any)
        {
            text.Append('\n');
        }
    }

    private static void Append(StringBuilder text, object value, int indent)
    {
        if (Inline(value) is { } line && (value is string || line.Length + indent <= LineLength))
        {
            text.Append(line);
            return;
        }

        if (value is IEnumerable items)
        {
            foreach (var item in items)
            {
                text.Append('\n').Append(' ', indent).Append("- ");
                Append(text, item, indent + 2);
            }

            return;
        }

        text.Append(value.GetType().Name);
        foreach (var (name, property) in Properties(value))
        {
            text.Append('\n').Append(' ', indent).Append(name).Append(": ");
            Append(text, property, indent + 2);
        }
    }

    /// <summary>The value on one line.</summary>
    private static string Inline(object value) => value switch
    {
        string s => s.Length == 0 ? "\"\"" : s,
        bool b => b ? "true" : "false",
        Enum e => e.ToString(),
        IFormattable number when value.GetType().IsPrimitive => number.ToString(null, CultureInfo.InvariantCulture),
        TimeSpan time => time.TotalMilliseconds.ToString(CultureInfo.InvariantCulture) + "ms",
        Origin origin => origin + (origin.Field.Length > 0 ? " " + origin.Field : "") + (origin.Line > 0 ? $" ({origin.File}:{origin.Line})" : ""),
        HostPattern or PathPattern or TextPattern or ListenerKey => value.ToString()!,
        RoutePrecedence precedence => precedence.Keys + (precedence.TieBreak.Length > 0 ? " " + precedence.TieBreak : "") + (precedence.Place != 0 ? $"#{precedence.Place >> 32}.{precedence.Place & uint.MaxValue}" : ""),
        IEnumerable<int> numbers => "[" + string.Join(", ", Ranges(numbers)) + "]",
        IEnumerable items => "[" + string.Join(", ", items.Cast<object>().Select(Inline)) + "]",
        _ => $"{value.GetType().Name}({string.Join(", ", Properties(value).Select(pair => $"{pair.Name}: {Inline(pair.Value)}"))})",
    };

    /// <summary>Runs of at least three successive numbers as <c>first..last</c>.</summary>
    private static IEnumerable<string> Ranges(IEnumerable<int> numbers)
    {
        var all = numbers.ToList();
        for (var i = 0; i < all.Count; i++)
        {
            var last = i;
            while (last + 1 < all.Count && all[last + 1] == all[last] + 1)
            {
                last++;
            }

            if (last - i >= 2)
            {
                yield return $"{all[i]}..{all[last]}";
                i = last;
            }
            else
            {
                yield return all[i].ToString(CultureInfo.InvariantCulture);
            }
        }
    }

    private static IEnumerable<(string Name, object Value)> Properties(object value)
    {
        foreach (var property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            // What is computed from the rest says nothing new.
            if (property.SetMethod is null || property.GetIndexParameters().Length > 0 || property.GetValue(value) is not { } found)
            {
                continue;
            }

            if (!IsDefault(found))
            {
                yield return (property.Name, found);
            }
        }
    }

    private static bool IsDefault(object value) => value switch
    {
        string => false,
        HostPattern or PathPattern => false,
        IEnumerable items => !items.Cast<object>().Any(),
        _ => value.GetType().IsValueType && value is not ListenerKey && value.Equals(Activator.CreateInstance(value.GetType())),
    };
}
