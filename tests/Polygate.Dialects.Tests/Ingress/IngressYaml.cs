using System.Globalization;
using System.Text;

namespace Polygate.Dialects.Tests.Ingress;

/// <summary>An Ingress in few words, written out as the YAML that a user would write.</summary>
/// <param name="Name">The object's name.</param>
/// <param name="Paths">Entries <c>host Type /path=service</c>, parted by semicolons; the host may be left out; <c>P</c>, <c>E</c> and <c>I</c> are the types.</param>
internal sealed record IngressYaml(string Name, string Paths)
{
    public string Class { get; init; } = "";

    /// <summary>With the vendor's prefix already.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>The day of 2026 it was created on, from 1; 0 for unknown.</summary>
    public int Day { get; init; }

    /// <summary>Lines below <c>spec</c>, unindented.</summary>
    public string Spec { get; init; } = "";

    /// <summary>An Ingress of the class nginx.</summary>
    /// <param name="name">The object's name.</param>
    /// <param name="paths">As in <see cref="Paths"/>.</param>
    /// <param name="annotations">Without the prefix: <c>name: value</c>, parted by bars.</param>
    /// <param name="day">As <see cref="Day"/>.</param>
    /// <param name="spec">As <see cref="Spec"/>.</param>
    public static IngressYaml Nginx(string name, string paths, string annotations = "", int day = 0, string spec = "") => new(name, paths)
    {
        Class = "nginx",
        Day = day,
        Spec = spec,
        Annotations = annotations.Split(" | ", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(entry => entry.Split(": ", 2))
            .ToDictionary(pair => "nginx.ingress.kubernetes.io/" + pair[0], pair => pair[1]),
    };

    /// <summary>Several Ingresses, with the Services <c>a</c> to <c>f</c>, each with an endpoint.</summary>
    public static string Write(params IEnumerable<IngressYaml> ingresses) =>
        string.Join("---\n", ingresses.Select(ingress => ingress.ToString()).Concat("abcdef".Select(Service)));

    public override string ToString()
    {
        var text = new StringBuilder("apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n");
        text.Append(CultureInfo.InvariantCulture, $"  name: {Name}\n");
        if (Day > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"  creationTimestamp: 2026-01-{Day:00}T00:00:00Z\n");
        }

        if (Annotations.Count > 0)
        {
            text.Append("  annotations:\n");
            foreach (var (name, value) in Annotations)
            {
                text.Append(CultureInfo.InvariantCulture, $"    {name}: '{value.Replace("'", "''", StringComparison.Ordinal)}'\n");
            }
        }

        text.Append("spec:\n");
        if (Class.Length > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"  ingressClassName: {Class}\n");
        }

        foreach (var line in Spec.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            text.Append("  ").Append(line).Append('\n');
        }

        WriteRules(text);
        return text.ToString();
    }

    private void WriteRules(StringBuilder text)
    {
        var entries = Paths.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (entries.Length > 0)
        {
            text.Append("  rules:\n");
        }

        foreach (var words in entries.Select(entry => entry.Split(' ')))
        {
            var host = words.Length is 1 or 3 ? words[0] : "";
            text.Append(host.Length > 0 ? $"    - host: '{host}'\n" : "    -\n");
            if (words.Length == 1)
            {
                continue;
            }

            var equals = words[^1].LastIndexOf('=');
            var type = words[^2] switch { "E" => "Exact", "P" => "Prefix", _ => "ImplementationSpecific" };
            text.Append(CultureInfo.InvariantCulture, $"      http: {{paths: [{{path: '{words[^1][..equals]}', pathType: {type}, backend: {{service: {{name: {words[^1][(equals + 1)..]}, port: {{number: 80}}}}}}}}]}}\n");
        }
    }

    private static string Service(char name) =>
        $"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{selector: {{app: {name}}}, ports: [{{port: 80}}]}}\n"
        + $"---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}-1, labels: {{app: {name}}}}}\nstatus: {{podIP: 127.0.0.1}}\n";
}
