using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx.Annotations;

/// <summary>Something wrong or unsupported in an annotation.</summary>
/// <param name="Severity">How much it matters.</param>
/// <param name="Code">The diagnostic code.</param>
/// <param name="Annotation">The annotation's full name.</param>
/// <param name="Message">One sentence.</param>
internal sealed record AnnotationProblem(DiagnosticSeverity Severity, string Code, string Annotation, string Message);

/// <summary>
/// Reads the annotations of one object as typed values and collects what is wrong with them. A bad value has one of
/// ingress-nginx's outcomes: the default holds (with a warning where ingress-nginx is silent), the location answers
/// 503, the host answers 403, or the whole Ingress is ignored.
/// </summary>
internal sealed class AnnotationReader
{
    public const string Prefix = "nginx.ingress.kubernetes.io/";

    private readonly Func<string, string?> annotation;
    private readonly string ns;
    private readonly IReadOnlyDictionary<string, string> defaults;
    private readonly bool isStrict;
    private readonly List<AnnotationProblem> problems = [];

    /// <param name="resource">The object.</param>
    /// <param name="options">What stands for annotations that are absent, and what becomes of malformed ones.</param>
    public AnnotationReader(Resource resource, IngressNginxOptions options)
        : this(name => resource.Annotation(Prefix + name), resource.Namespace, options.AnnotationDefaults, options.IsStrict(NginxQuirks.SilentDefault))
    {
    }

    private AnnotationReader(Func<string, string?> annotation, string ns, IReadOnlyDictionary<string, string> defaults, bool isStrict)
    {
        this.annotation = annotation;
        this.ns = ns;
        this.defaults = defaults;
        this.isStrict = isStrict;
    }

    /// <summary>Reads settings of the controller as if they were annotations.</summary>
    public static AnnotationReader Of(IReadOnlyDictionary<string, string> settings) =>
        new(name => settings.GetValueOrDefault(name), "", new Dictionary<string, string>(), isStrict: false);

    public IReadOnlyList<AnnotationProblem> Problems => problems;

    /// <summary>Whether the whole Ingress is ignored.</summary>
    public bool IsIngressIgnored { get; private set; }

    /// <summary>Whether every path of the Ingress answers 503.</summary>
    public bool IsLocationDenied { get; private set; }

    /// <summary>Whether the hosts of the Ingress answer 403.</summary>
    public bool IsServerDenied { get; private set; }

    /// <summary>
    /// The trimmed value of an annotation (or of an older name for it), else what the controller has for those that are absent; null
    /// when there is neither.
    /// </summary>
    public string? Text(string name)
    {
        foreach (var candidate in NamesOf(name))
        {
            if (annotation(candidate)?.Trim() is not { Length: > 0 } value)
            {
                continue;
            }

            if (!value.AsSpan().ContainsAny('\n', '\r') || AnnotationTable.Find(name)?.Theme == "Snippets" || name == "auth-snippet")
            {
                return value;
            }

            if (AnnotationTable.Find(name)?.Theme is "Access" or "Basic authentication" or "External authentication" or "Client certificates" or "Limits")
            {
                DenyLocation(name, "A line break is not allowed in the value.");
            }
            else
            {
                UseDefault(name, "A line break is not allowed in the value.");
            }
        }

        return defaults.GetValueOrDefault(name);
    }

    /// <summary>A boolean; the table's default when absent or malformed.</summary>
    public bool Boolean(string name)
    {
        var fallback = AnnotationTable.Find(name)!.Default is "true" or "on";
        var text = Text(name);
        var value = text switch
        {
            null => fallback,
            "1" or "t" or "T" or "TRUE" or "true" or "True" => true,
            "0" or "f" or "F" or "FALSE" or "false" or "False" => false,
            _ => (bool?)null,
        };
        if (value is null)
        {
            UseDefault(name, $"\"{text}\" is not a boolean; expected true or false.");
        }

        return value ?? fallback;
    }

    /// <summary>A number of 0 or more; null when absent or malformed.</summary>
    /// <param name="name">The annotation.</param>
    /// <param name="malformed">What a malformed number leads to; null for the default.</param>
    public int? Number(string name, Action<string, string>? malformed = null)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        (malformed ?? UseDefault)(name, $"\"{text}\" is not a whole number.");
        return null;
    }

    /// <summary>Whole seconds; the table's default when absent or malformed.</summary>
    public TimeSpan Seconds(string name) =>
        TimeSpan.FromSeconds(Number(name) ?? int.Parse(AnnotationTable.Find(name)!.Default, CultureInfo.InvariantCulture));

    /// <summary>One of a few words, compared exactly; null when absent or another word.</summary>
    public string? Choice(string name, params ReadOnlySpan<string> words)
    {
        var text = Text(name);
        if (text is null || words.Contains(text))
        {
            return text;
        }

        UseDefault(name, $"\"{text}\" is none of {string.Join(", ", words)}.");
        return null;
    }

    /// <summary>Bytes; null when absent or malformed.</summary>
    public long? Size(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        var shift = char.ToLowerInvariant(text[^1]) switch { 'b' => 0, 'k' => 10, 'm' => 20, 'g' => 30, _ => -1 };
        var digits = shift < 0 ? text : text[..^1];
        if (long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= long.MaxValue >> 30)
        {
            return number << Math.Max(shift, 0);
        }

        UseDefault(name, $"\"{text}\" is not a size such as 8k, 1m or 1g.");
        return null;
    }

    /// <summary>Words separated by commas.</summary>
    public ValueList<string> List(string name) =>
        (Text(name) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToValueList();

    /// <summary>Networks separated by commas; a malformed one denies the location when the list restricts access.</summary>
    /// <param name="name">The annotation.</param>
    /// <param name="malformed">What a malformed entry leads to.</param>
    public ValueList<string> Networks(string name, Action<string, string> malformed)
    {
        var networks = List(name);
        if (networks.FirstOrDefault(network => !IsNetwork(network)) is not { } bad)
        {
            return networks;
        }

        malformed(name, $"\"{bad}\" is not a network in CIDR notation.");
        return [];
    }

    /// <summary>The name of an object in the Ingress's own namespace, or null; another namespace or nothing denies the location.</summary>
    public string? LocalName(string name)
    {
        if (OwnName(Text(name) ?? "") is { } local)
        {
            return local;
        }

        DenyLocation(name, $"\"{Text(name)}\" does not name an object in the namespace of the Ingress.");
        return null;
    }

    /// <summary>The name that a text gives to an object of the Ingress's own namespace; null where it names none or another namespace.</summary>
    public string? OwnName(string text) => text.Split('/') switch
    {
        [{ Length: > 0 } local] => local,
        [var other, { Length: > 0 } local] when other == ns => local,
        _ => null,
    };

    /// <summary>Outcome 1: the default holds; in strict mode the location is denied.</summary>
    public void UseDefault(string name, string message)
    {
        if (isStrict)
        {
            DenyLocation(name, message);
        }
        else
        {
            Report(DiagnosticSeverity.Warning, "invalid-annotation", name, message + " It is ignored.");
        }
    }

    /// <summary>Outcome 2: the Ingress is not served.</summary>
    public void IgnoreIngress(string name, string message, string code = "invalid-annotation")
    {
        IsIngressIgnored = true;
        Report(DiagnosticSeverity.Error, code, name, message + " The whole Ingress is ignored.");
    }

    /// <summary>Outcome 3: the paths of the Ingress answer 503.</summary>
    public void DenyLocation(string name, string message, string code = "invalid-annotation")
    {
        IsLocationDenied = true;
        Report(DiagnosticSeverity.Error, code, name, message + " The paths of this Ingress answer 503.");
    }

    /// <summary>Outcome 4: the hosts of the Ingress answer 403.</summary>
    public void DenyServer(string name, string message, string code = "invalid-annotation")
    {
        IsServerDenied = true;
        Report(DiagnosticSeverity.Error, code, name, message + " The hosts of this Ingress answer 403.");
    }

    /// <summary>Something that is not supported as written; the rest is served.</summary>
    public void Warn(string code, string name, string message) => Report(DiagnosticSeverity.Warning, code, name, message);

    public void Inform(string code, string name, string message) => Report(DiagnosticSeverity.Info, code, name, message);

    private void Report(DiagnosticSeverity severity, string code, string name, string message)
    {
        var problem = new AnnotationProblem(severity, code, Prefix + WrittenName(name), message);
        if (!problems.Contains(problem))
        {
            problems.Add(problem);
        }
    }

    private string WrittenName(string name) =>
        NamesOf(name).FirstOrDefault(candidate => annotation(candidate) is not null) ?? name;

    private static IEnumerable<string> NamesOf(string name) =>
        AnnotationTable.Aliases.Where(alias => alias.Value == name).Select(alias => alias.Key).Prepend(name);

    /// <summary>An address, or one with the number of its leading bits that count; the others need not be zero.</summary>
    internal static bool IsNetwork(string text) =>
        text.Split('/') is var parts
        && IPAddress.TryParse(parts[0], out var address)
        && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == parts[0]) // not 10.1 or 0x0a000001
        && (parts.Length == 1
            || (parts.Length == 2
                && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var bits)
                && bits <= address.GetAddressBytes().Length * 8));
}
