using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Sources;
using Polygate.Model;
using Polygate.Running;

namespace Polygate.Admission;

/// <summary>
/// Judges one object as <c>polygate check</c> judges a folder: errors that are its own refuse it, warnings are told. Nothing is looked up,
/// connected to, executed or read because of what an object says. Safe to use from several threads.
/// </summary>
internal sealed class ObjectJudge
{
    /// <summary>Clients show warnings as header fields: the API server cuts them at 256 characters each and 4096 in all.</summary>
    private const int LongestWarning = 250;

    private const int MostWarnings = 15;
    private const int LongestRefusal = 2000;

    private readonly IReadOnlyList<IDialect> dialects;
    private readonly AdmissionScope scope;
    private readonly bool refusesLocalBackends;
    private readonly ManifestReader reader;
    private readonly Dictionary<(string Group, string Kind), ResourceType> types;

    /// <param name="dialects">What takes part.</param>
    /// <param name="scope">Whose objects are judged.</param>
    /// <param name="refusesLocalBackends">Whether backends at a <see cref="LocalAddress"/> are errors, as they are for a gateway on a cluster.</param>
    public ObjectJudge(IReadOnlyList<IDialect> dialects, AdmissionScope scope, bool refusesLocalBackends = false)
    {
        this.refusesLocalBackends = refusesLocalBackends;
        this.dialects = dialects;
        this.scope = scope;
        reader = Composition.Reader(dialects);
        types = dialects.SelectMany(dialect => dialect.ResourceTypes).Distinct().ToDictionary(type => (type.Group, type.Kind));
    }

    /// <summary>Judges a request.</summary>
    /// <exception cref="InvalidOperationException">A fault of this program in the object's translation, which is no fault of the object.</exception>
    public AdmissionAnswer Judge(AdmissionRequest request)
    {
        if (request is not { Operation: "CREATE" or "UPDATE", Object: { } json } || IsBeingDeleted(json))
        {
            // What is on its way out only sheds its finalizers.
            return AdmissionAnswer.Admitted;
        }

        var problems = ProblemsOf(json, request.Namespace);
        var errors = problems.Where(problem => problem.Severity == DiagnosticSeverity.Error).ToList();
        if (errors.Count > 0 && request.OldObject is { } old)
        {
            // Labels, annotations and other fields of an object that was wrong before can still be changed.
            var before = ProblemsOf(old, request.Namespace).Select(Identity).ToHashSet();
            errors.RemoveAll(error => before.Contains(Identity(error)));
        }

        var told = problems.Where(problem => problem.Severity != DiagnosticSeverity.Info && !errors.Contains(problem)).ToList();
        if (errors.Count == 0 && told.Count == 0)
        {
            return AdmissionAnswer.Admitted;
        }

        return new AdmissionAnswer(
            errors.Count == 0 ? null : Cut(string.Join("; ", errors.Select(Text)), LongestRefusal),
            [.. told.Select(problem => Cut(Text(problem), LongestWarning)).Distinct().Take(MostWarnings)]);
    }

    /// <summary>What is wrong with an object by itself.</summary>
    private List<Diagnostic> ProblemsOf(JsonElement json, string ns)
    {
        var (resource, problems) = Read(Normal(json, ns));
        if (resource is null || Surroundings.Of(resource, scope) is not { } surroundings)
        {
            return resource is null ? problems : [];
        }

        var translator = new Translator(dialects, refusesLocalBackends: refusesLocalBackends);
        var configuration = translator.Apply([resource, .. surroundings], []);
        problems.AddRange(translator.Diagnostics.Concat(Snapshot.Compile(configuration, PortMap.Default).Problems)
            .Where(problem => IsAbout(problem.Origin, resource.Key) && !OtherObjects.Decide(problem)));
        return problems.FirstOrDefault(problem => problem.Code == "internal-error") is { } fault
            ? throw new InvalidOperationException($"{resource.Key}: {fault.Message}")
            : problems;
    }

    /// <summary>
    /// Reads the object strictly, for what there is to say, and as a run reads it from the API server, which has validated it: a field that
    /// is not known is then passed over, and no error.
    /// </summary>
    private (Resource? Resource, List<Diagnostic> Problems) Read(JsonObject json)
    {
        var text = json.ToJsonString();
        var file = reader.Read("object.json", text);
        if (file.Resources is [var resource])
        {
            return (resource, [.. file.Diagnostics]);
        }

        if (file.Broken.Count == 0 || TypeOf(json) is not var (type, version))
        {
            // Of a kind that is not read, or of no kind at all.
            return (null, []);
        }

        try
        {
            return (type.Read(Encoding.UTF8.GetBytes(text), version), [.. file.Diagnostics.Select(problem =>
                problem.Code == "unknown-field" ? problem with { Severity = DiagnosticSeverity.Warning } : problem)]);
        }
        catch (JsonException)
        {
            return (null, [.. file.Diagnostics]);
        }
    }

    private (ResourceType Type, string Version)? TypeOf(JsonObject json)
    {
        var apiVersion = json["apiVersion"]?.ToString() ?? "";
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        var version = apiVersion[(slash + 1)..];
        return types.TryGetValue((slash < 0 ? "" : apiVersion[..slash], json["kind"]?.ToString() ?? ""), out var type) && type.Versions.Contains(version)
            ? (type, version)
            : null;
    }

    /// <summary>The object as it will be stored: with its namespace, a name if one is still to be generated, and nothing that only servers write.</summary>
    private static JsonObject Normal(JsonElement json, string ns)
    {
        var normal = JsonObject.Create(json)!;
        if (normal["metadata"] is not JsonObject metadata)
        {
            normal["metadata"] = metadata = [];
        }

        metadata.Remove("managedFields");
        if (string.IsNullOrEmpty(metadata["name"]?.ToString()))
        {
            metadata["name"] = "to-be-generated";
        }

        if (ns.Length > 0)
        {
            metadata["namespace"] = ns;
        }

        return normal;
    }

    private static bool IsBeingDeleted(JsonElement json) =>
        json.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object
        && metadata.TryGetProperty("deletionTimestamp", out var time) && time.ValueKind == JsonValueKind.String;

    private static bool IsAbout(Origin origin, ResourceKey key) => origin.Kind == key.Kind && origin.Namespace == key.Namespace && origin.Name == key.Name;

    private static (string Code, string Field, string Message) Identity(Diagnostic diagnostic) => (diagnostic.Code, diagnostic.Origin.Field, diagnostic.Message);

    /// <summary>On one line, whatever the object's texts hold.</summary>
    private static string Text(Diagnostic diagnostic)
    {
        var text = diagnostic.Origin.Field.Length == 0 ? diagnostic.Message : $"{diagnostic.Origin.Field}: {diagnostic.Message}";
        return string.Concat(text.Select(character => char.IsControl(character) ? ' ' : character));
    }

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..(length - 1)] + "…";
}
