using System.Text.Json;
using System.Text.Json.Nodes;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Sources.Documents;
using Polygate.Kubernetes.Sources.Schema;
using Polygate.Model;

namespace Polygate.Kubernetes.Sources;

/// <summary>An object as a document has it.</summary>
/// <param name="Key">Its identity.</param>
/// <param name="Resource">The object; null when it could not be read.</param>
/// <param name="Line">In the document, from 1.</param>
internal sealed record DocumentObject(ResourceKey Key, Resource? Resource, int Line);

/// <summary>What a document holds. Lines of diagnostics and of unknown kinds count from the document's start.</summary>
/// <param name="Objects">The objects of kinds that are read.</param>
/// <param name="Diagnostics">What is wrong.</param>
/// <param name="Unknown">The others.</param>
/// <param name="IsUnreadable">Whether nobody knows which objects the document was to hold.</param>
internal sealed record DocumentContent(
    IReadOnlyList<DocumentObject> Objects, IReadOnlyList<Diagnostic> Diagnostics, IReadOnlyList<UnknownKind> Unknown, bool IsUnreadable);

/// <summary>Reads the objects of one document.</summary>
internal sealed class DocumentReader
{
    private readonly IReadOnlyDictionary<(string Group, string Kind), ResourceType> types;
    private readonly string fileName;
    private readonly int linesBefore;
    private readonly List<DocumentObject> objects = [];
    private readonly List<Diagnostic> diagnostics = [];
    private readonly List<UnknownKind> unknown = [];
    private bool isUnreadable;

    private DocumentReader(IReadOnlyDictionary<(string Group, string Kind), ResourceType> types, string fileName, int linesBefore)
    {
        this.types = types;
        this.fileName = fileName;
        this.linesBefore = linesBefore;
    }

    /// <summary>Reads a document; never throws.</summary>
    /// <param name="types">The kinds to read.</param>
    /// <param name="fileName">The file.</param>
    /// <param name="linesBefore">The lines before the document in the file.</param>
    /// <param name="parse">Parses the document's text.</param>
    public static DocumentContent Read(
        IReadOnlyDictionary<(string Group, string Kind), ResourceType> types, string fileName, int linesBefore, Func<List<SourceNode>> parse)
    {
        var reader = new DocumentReader(types, fileName, linesBefore);
        try
        {
            parse().ForEach(reader.Document);
        }
        catch (DocumentException exception)
        {
            reader.Unreadable(exception.Code, exception.Message, exception.Line);
        }
        catch (Exception exception)
        {
            reader.Unreadable("syntax", $"The document could not be read ({exception.GetType().Name}); perhaps a bracket, brace or quote is never closed.", 1);
        }

        return new DocumentContent(reader.objects.ToArray(), reader.diagnostics.ToArray(), reader.unknown.ToArray(), reader.isUnreadable);
    }

    private void Unreadable(string code, string message, int line)
    {
        isUnreadable = true;
        Report(new ObjectHead("", "", "", "", line), code, message);
    }

    private void Document(SourceNode document)
    {
        switch (document)
        {
            case ScalarNode { Kind: JsonValueKind.Null }:
                return;
            case MappingNode mapping:
                Mapping(mapping, "", "");
                return;
            default:
                Unreadable("not-an-object", "A manifest is a mapping with apiVersion, kind and metadata.", document.Line);
                return;
        }
    }

    /// <param name="mapping">A list of objects or an object.</param>
    /// <param name="listVersion">The apiVersion of the typed list around it, or empty.</param>
    /// <param name="listKind">The kind of its items, or empty.</param>
    private void Mapping(MappingNode mapping, string listVersion, string listKind)
    {
        var head = ObjectHead.Of(mapping, listVersion, listKind);
        if (head.Kind.EndsWith("List", StringComparison.Ordinal)
            && !types.ContainsKey((head.Group, head.Kind))
            && mapping.Find("items") is SequenceNode items)
        {
            List(head, items);
        }
        else if (head.ApiVersion.Length == 0 || head.Kind.Length == 0)
        {
            isUnreadable = true;
            Report(head, "missing-kind", "An object needs apiVersion and kind.");
        }
        else if (!types.TryGetValue((head.Group, head.Kind), out var type))
        {
            unknown.Add(new UnknownKind(head.ApiVersion, head.Kind, head.Namespace, head.Name, fileName, head.Line));
        }
        else
        {
            Object(head, type, mapping);
        }
    }

    private void List(ObjectHead head, SequenceNode items)
    {
        // The items of a typed list may leave out what the list says; those of the generic List may not.
        var (version, kind) = head.Kind == "List" ? ("", "") : (head.ApiVersion, head.Kind[..^"List".Length]);
        foreach (var item in items.Items)
        {
            if (item is MappingNode mapping)
            {
                Mapping(mapping, version, kind);
            }
            else
            {
                Unreadable("not-an-object", "An item of a list is a mapping with apiVersion, kind and metadata.", item.Line);
            }
        }
    }

    private void Object(ObjectHead head, ResourceType type, MappingNode mapping)
    {
        var ns = !type.Namespaced ? "" : head.Namespace.Length == 0 ? "default" : head.Namespace;
        head = head with { Namespace = ns };
        if (head.Name.Length == 0)
        {
            isUnreadable = true;
            Report(head, "missing-name", "An object needs metadata.name.", "metadata.name");
            return;
        }

        var resource = Typed(head, type, mapping);
        objects.Add(new DocumentObject(new ResourceKey(type.Group, type.Kind, ns, head.Name), resource, head.Line));
    }

    private Resource? Typed(ObjectHead head, ResourceType type, MappingNode mapping)
    {
        if (!type.Versions.Contains(head.Version))
        {
            Report(head, "unsupported-version", $"Version {head.Version} of {type} is not read; {string.Join(", ", type.Versions)} is.", "apiVersion");
            return null;
        }

        var (node, lines) = FieldLines.Convert(mapping);
        var json = (JsonObject)node!;
        json["apiVersion"] ??= head.ApiVersion;
        json["kind"] ??= head.Kind;
        var problems = SchemaCheck.Check(json, type.JsonType);
        foreach (var problem in problems)
        {
            Report(head with { Line = lines.LineOf(problem.Field) }, problem.Code, problem.Message, problem.Field, problem.Severity);
        }

        if (problems.Any(problem => problem.Severity == DiagnosticSeverity.Error))
        {
            return null;
        }

        try
        {
            return type.Read(json, new FileResourceSource(fileName, lines, linesBefore));
        }
        catch (JsonException exception)
        {
            var field = exception.Path is ['$', '.', .. var path] ? path : "";
            Report(head with { Line = lines.LineOf(field) }, "wrong-type", Explain(exception, field), field);
            return null;
        }
    }

    /// <summary>A converter's own words say what was expected; the serializer's do not.</summary>
    private static string Explain(JsonException exception, string field) =>
        exception.Message.Contains("Path: $", StringComparison.Ordinal)
            ? $"The field {field} has a value that it cannot hold."
            : $"The field {field}: {exception.Message}";

    private void Report(
        ObjectHead head, string code, string message, string field = "", DiagnosticSeverity severity = DiagnosticSeverity.Error) =>
        diagnostics.Add(new Diagnostic(
            severity, code, message, new Origin("", head.Kind, head.Namespace, head.Name, fileName, head.Line, field)));

    /// <summary>What every object says about itself.</summary>
    private sealed record ObjectHead(string ApiVersion, string Kind, string Namespace, string Name, int Line)
    {
        public string Group => ApiVersion.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash ? ApiVersion[..slash] : "";

        public string Version => ApiVersion[(ApiVersion.IndexOf('/', StringComparison.Ordinal) + 1)..];

        public static ObjectHead Of(MappingNode mapping, string listVersion, string listKind)
        {
            var metadata = mapping.Find("metadata") as MappingNode;
            return new ObjectHead(
                mapping.FindText("apiVersion") ?? listVersion,
                mapping.FindText("kind") ?? listKind,
                metadata?.FindText("namespace") ?? "",
                metadata?.FindText("name") ?? "",
                mapping.Line);
        }
    }
}

/// <summary>An object's place in a file.</summary>
internal sealed class FileResourceSource : IResourceSource
{
    private readonly FieldLines lines;
    private readonly int linesBefore;

    /// <param name="file">The file.</param>
    /// <param name="lines">The lines of its fields in its document.</param>
    /// <param name="linesBefore">The lines before the document in the file.</param>
    public FileResourceSource(string file, FieldLines lines, int linesBefore)
    {
        File = file;
        this.lines = lines;
        this.linesBefore = linesBefore;
    }

    public string File { get; }

    public int LineOf(string field) => linesBefore + lines.LineOf(field);

    public FileResourceSource WithLinesBefore(int count) => new(File, lines, count);

}
