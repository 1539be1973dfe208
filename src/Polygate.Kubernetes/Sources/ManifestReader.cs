using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Sources.Documents;
using Polygate.Kubernetes.Sources.Schema;
using Polygate.Model;

namespace Polygate.Kubernetes.Sources;

/// <summary>
/// Reads files of Kubernetes manifests: YAML with any number of documents, JSON, and <c>List</c> kinds. One bad document or
/// object never hides another. Safe to use from several threads.
/// </summary>
public sealed class ManifestReader
{
    /// <summary>What neither YAML (1.2, section 5.1) nor JSON allows as it is.</summary>
    private static readonly SearchValues<char> ControlCharacters = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(code => (char)code).Where(c => c is not ('\t' or '\n' or '\r'))]);

    private readonly Dictionary<(string Group, string Kind), ResourceType> types = [];

    /// <param name="types">The kinds to read; a kind given twice counts once.</param>
    public ManifestReader(IEnumerable<ResourceType> types)
    {
        foreach (var type in types)
        {
            this.types.TryAdd((type.Group, type.Kind), type);
        }
    }

    /// <summary>Reads a file. Never throws: what is wrong becomes a diagnostic.</summary>
    /// <param name="fileName">The name that diagnostics and origins carry; <c>.json</c> is read as JSON, anything else as YAML.</param>
    /// <param name="text">Its content.</param>
    public ManifestFile Read(string fileName, string text)
    {
        var file = new Reading(this, fileName);
        file.Read(text.StartsWith('\uFEFF') ? text[1..] : text);
        return file.Complete();
    }

    /// <summary>One file while it is read.</summary>
    private sealed class Reading
    {
        private readonly ManifestReader reader;
        private readonly string fileName;
        private readonly KeyPool keyPool = new();
        private readonly List<Resource> resources = [];
        private readonly List<Diagnostic> diagnostics = [];
        private readonly List<UnknownKind> unknown = [];
        private readonly List<ResourceKey> broken = [];
        private readonly Dictionary<ResourceKey, int> lineOfKey = [];
        private bool unreadable;

        public Reading(ManifestReader reader, string fileName)
        {
            this.reader = reader;
            this.fileName = fileName;
        }

        public ManifestFile Complete() => new(resources, diagnostics, unknown, broken, unreadable);

        public void Read(string text)
        {
            if (text.AsSpan().IndexOfAny(ControlCharacters) is >= 0 and var position)
            {
                Unreadable("syntax", "A control character stands here; the file is no text, or only partly written.", 1 + text.AsSpan(0, position).Count('\n'));
            }
            else if (fileName.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            {
                Guard(1, () => JsonDocuments.Read(text, keyPool).ForEach(Document));
            }
            else
            {
                foreach (var document in YamlDocuments.Split(text))
                {
                    Guard(document.FirstLine, () => YamlDocuments.Read(document, keyPool).ForEach(Document));
                }
            }
        }

        private void Guard(int line, Action read)
        {
            try
            {
                read();
            }
            catch (DocumentException exception)
            {
                Unreadable(exception.Code, exception.Message, exception.Line);
            }
            catch (Exception exception)
            {
                Unreadable("syntax", $"The document could not be read: {exception.GetType().Name}.", line);
            }
        }

        private void Unreadable(string code, string message, int line)
        {
            unreadable = true;
            diagnostics.Add(new Diagnostic(DiagnosticSeverity.Error, code, message, new Origin("", "", "", "", fileName, line)));
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
                    Report(new ObjectHead("", "", "", "", document.Line), "not-an-object", "A manifest is a mapping with apiVersion, kind and metadata.");
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
                && !reader.types.ContainsKey((head.Group, head.Kind))
                && mapping.Find("items") is SequenceNode items)
            {
                List(head, items);
            }
            else if (head.ApiVersion.Length == 0 || head.Kind.Length == 0)
            {
                Report(head, "missing-kind", "An object needs apiVersion and kind.");
                unreadable = true;
            }
            else if (!reader.types.TryGetValue((head.Group, head.Kind), out var type))
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
                    Report(head with { Line = item.Line }, "not-an-object", "An item of a list is a mapping with apiVersion, kind and metadata.");
                }
            }
        }

        private void Object(ObjectHead head, ResourceType type, MappingNode mapping)
        {
            var ns = !type.Namespaced ? "" : head.Namespace.Length == 0 ? "default" : head.Namespace;
            head = head with { Namespace = ns };
            var key = new ResourceKey(type.Group, type.Kind, ns, head.Name);
            if (head.Name.Length == 0)
            {
                Report(head, "missing-name", "An object needs metadata.name.", "metadata.name");
                return;
            }

            if (!lineOfKey.TryAdd(key, head.Line))
            {
                Report(head, "duplicate-object", $"{key} stands in this file already, at line {lineOfKey[key]}; that one counts.");
                return;
            }

            if (!type.Versions.Contains(head.Version))
            {
                Report(head, "unsupported-version", $"Version {head.Version} of {type} is not read; {string.Join(", ", type.Versions)} is.", "apiVersion");
                broken.Add(key);
                return;
            }

            if (Typed(head, type, mapping) is { } resource)
            {
                resources.Add(resource);
            }
            else
            {
                broken.Add(key);
            }
        }

        private Resource? Typed(ObjectHead head, ResourceType type, MappingNode mapping)
        {
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
                return type.Read(json, new FileSource(fileName, lines));
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
    }

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

    /// <summary>An object's place in a file.</summary>
    private sealed class FileSource(string file, FieldLines lines) : IResourceSource
    {
        public string? File => file;

        public int LineOf(string field) => lines.LineOf(field);
    }
}
