using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Sources.Documents;
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
    public ManifestFile Read(string fileName, string text) => Read(fileName, text, new DocumentCache());

    /// <summary>Reads a file again: documents that stand in the cache are not parsed again, and their objects stay the same instances.</summary>
    internal ManifestFile Read(string fileName, string text, DocumentCache cache)
    {
        text = text.StartsWith('\uFEFF') ? text[1..] : text;
        if (text.AsSpan().IndexOfAny(ControlCharacters) is >= 0 and var position)
        {
            var line = 1 + text.AsSpan(0, position).Count('\n');
            const string Message = "A control character stands here; the file is no text, or only partly written.";
            return new ManifestFile([], [new Diagnostic(DiagnosticSeverity.Error, "syntax", Message, new Origin("", "", "", "", fileName, line))], [], [], true);
        }

        var isJson = fileName.EndsWith(".json", StringComparison.OrdinalIgnoreCase);
        var documents = isJson ? [new DocumentText(text.AsMemory(), 0)] : YamlDocuments.Split(text);
        var contents = new PlacedContent[documents.Count];
        var keyPool = new KeyPool();
        Parallel.For(0, documents.Count, i => contents[i] = cache.Find(documents[i]) ?? Parse(documents[i]));
        cache.Replace(contents);
        return new FileAssembly(fileName).Assemble(contents);

        PlacedContent Parse(DocumentText document) => new(
            document.LinesBefore,
            DocumentCache.HashOf(document.Text.Span),
            DocumentReader.Read(types, fileName, document.LinesBefore, () => isJson
                ? JsonDocuments.Read(document.Text.ToString(), keyPool)
                : YamlDocuments.Read(document.Text.ToString(), keyPool)));
    }

    /// <summary>Puts a file together from its documents: shifts their lines, and reports objects that stand twice.</summary>
    private sealed class FileAssembly(string fileName)
    {
        private readonly List<Resource> resources = [];
        private readonly List<Diagnostic> diagnostics = [];
        private readonly List<UnknownKind> unknown = [];
        private readonly List<ResourceKey> broken = [];
        private readonly Dictionary<ResourceKey, int> lineOfKey = [];

        public ManifestFile Assemble(PlacedContent[] contents)
        {
            var unreadable = false;
            foreach (var (before, _, content) in contents)
            {
                unreadable |= content.IsUnreadable;
                unknown.AddRange(content.Unknown.Select(item => item with { Line = item.Line + before }));
                diagnostics.AddRange(content.Diagnostics.Select(item => item with { Origin = item.Origin with { Line = item.Origin.Line + before } }));
                foreach (var item in content.Objects)
                {
                    Add(item, item.Line + before);
                }
            }

            return new ManifestFile(resources, diagnostics, unknown, broken, unreadable);
        }

        private void Add(DocumentObject item, int line)
        {
            if (!lineOfKey.TryAdd(item.Key, line))
            {
                diagnostics.Add(new Diagnostic(
                    DiagnosticSeverity.Error,
                    "duplicate-object",
                    $"{item.Key} stands in this file already, at line {lineOfKey[item.Key]}; that one counts.",
                    new Origin("", item.Key.Kind, item.Key.Namespace, item.Key.Name, fileName, line)));
            }
            else if (item.Resource is { } resource)
            {
                resources.Add(resource);
            }
            else
            {
                broken.Add(item.Key);
            }
        }
    }
}

/// <summary>A document's content with the text it was read from and the lines before it.</summary>
internal sealed record PlacedContent(int LinesBefore, UInt128 Hash, DocumentContent Content);

/// <summary>The documents of a file as it was last read, so that an edit costs what it changes. One thread at a time.</summary>
internal sealed class DocumentCache
{
    private Dictionary<UInt128, PlacedContent> documents = [];

    public static UInt128 HashOf(ReadOnlySpan<char> text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(text), hash);
        return MemoryMarshal.Read<UInt128>(hash);
    }

    /// <summary>What the same text held before, with objects moved to the place it has now; null when it is new.</summary>
    public PlacedContent? Find(DocumentText document) =>
        documents.Count > 0 && documents.TryGetValue(HashOf(document.Text.Span), out var known)
            ? Moved(known, document.LinesBefore)
            : null;

    public void Replace(PlacedContent[] contents)
    {
        documents = new Dictionary<UInt128, PlacedContent>(contents.Length);
        foreach (var content in contents)
        {
            documents.TryAdd(content.Hash, content);
        }
    }

    private static PlacedContent Moved(PlacedContent known, int linesBefore)
    {
        if (known.LinesBefore == linesBefore)
        {
            return known;
        }

        return new PlacedContent(linesBefore, known.Hash, known.Content with
        {
            Objects = [.. known.Content.Objects.Select(item => item with
            {
                Resource = item.Resource?.MovedTo(((FileResourceSource)item.Resource.Source).WithLinesBefore(linesBefore)),
            })],
        });
    }
}
