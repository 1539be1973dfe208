using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Kubernetes.Sources.Folder;

/// <summary>
/// A file as it is served: its objects in their last good version. Text that looks half-written is not believed until it
/// has stood still for a while.
/// </summary>
internal sealed class WatchedFile
{
    /// <summary>How long a file that became shorter must stand still: writers cut a file before they fill it.</summary>
    internal static readonly TimeSpan ShrinkWait = TimeSpan.FromMilliseconds(120);

    /// <summary>How long an empty file, or one cut off within a line, must stand still.</summary>
    internal static readonly TimeSpan CutWait = TimeSpan.FromSeconds(1);

    private readonly DocumentCache cache = new();
    private (UInt128 Hash, DateTime Written) suspect;
    private DateTimeOffset suspectSince;
    private FileText text = FileText.Of("");
    private IReadOnlyList<Diagnostic> diagnostics = [];

    /// <summary>When the objects were read.</summary>
    private DateTimeOffset readAt;

    /// <summary>The same for those that were read earlier, and kept.</summary>
    private Dictionary<ResourceKey, DateTimeOffset> keptSince = [];

    /// <summary>What keeps the file from being taken in now; gone when it is.</summary>
    private Diagnostic? obstacle;

    /// <param name="path">Relative to the folder.</param>
    public WatchedFile(string path) => Path = path;

    public string Path { get; }

    /// <summary>The file as it was when it was last read.</summary>
    public FileStamp Stamp { get; set; }

    /// <summary>When it was first found to be gone; null while it is there.</summary>
    public DateTimeOffset? MissingSince { get; set; }

    /// <summary>When to look at it again even if nothing happens to it; null for never.</summary>
    public DateTimeOffset? LookAgainAt { get; set; }

    /// <summary>What it serves.</summary>
    public Dictionary<ResourceKey, Resource> Objects { get; private set; } = [];

    public IEnumerable<Diagnostic> Diagnostics => obstacle is null ? diagnostics : diagnostics.Append(obstacle);

    public IReadOnlyList<UnknownKind> Unknown { get; private set; } = [];

    /// <summary>Takes in what the file says now.</summary>
    /// <returns>The keys whose object may have changed.</returns>
    public IReadOnlyCollection<ResourceKey> Update(ManifestReader reader, string newText, DateTimeOffset now)
    {
        var isSame = text.Is(newText);
        if (!isSame && MustStandStill(newText) is { } wait && !HasStoodStill(newText, wait, now))
        {
            return [];
        }

        LookAgainAt = null;
        obstacle = null;
        suspectSince = default;
        if (isSame)
        {
            return [];
        }

        text = FileText.Of(newText);
        return Take(reader.Read(Path, newText, cache), now);
    }

    /// <summary>Reports that the file cannot be opened; what it held is kept.</summary>
    public void CannotRead(string reason)
    {
        var kept = Objects.Count == 0 ? "" : " What it held is still served.";
        obstacle = Problem(DiagnosticSeverity.Error, "unreadable-file", $"The file cannot be read: {reason}.{kept}");
    }

    private TimeSpan? MustStandStill(string newText)
    {
        if (Objects.Count == 0 || newText.Length >= text.Length)
        {
            return null;
        }

        var endsWithinLine = !newText.EndsWith('\n') && text.IsCutTo(newText);
        var isCut = string.IsNullOrWhiteSpace(newText) || endsWithinLine;
        return isCut ? CutWait : ShrinkWait;
    }

    private bool HasStoodStill(string newText, TimeSpan wait, DateTimeOffset now)
    {
        // The same text at another time of writing is another attempt to write.
        var seen = (DocumentCache.HashOf(newText), Stamp.Written);
        if (suspectSince == default || seen != suspect)
        {
            (suspect, suspectSince) = (seen, now);
        }

        if (now - suspectSince >= wait)
        {
            return true;
        }

        LookAgainAt = suspectSince + wait;
        if (wait == CutWait)
        {
            obstacle = Problem(
                DiagnosticSeverity.Warning, "cut-file", "The file was cut short; what it held is served until it has been so for a second.");
        }

        return false;
    }

    private HashSet<ResourceKey> Take(ManifestFile file, DateTimeOffset now)
    {
        var previous = Objects;
        var found = new List<Diagnostic>(file.Diagnostics);
        Objects = file.Resources.ToDictionary(resource => resource.Key);

        // Nobody knows what an unreadable document was to hold: then nothing is taken away.
        var kept = file.Broken.Where(previous.ContainsKey)
            .Union(file.HasUnreadableDocument ? previous.Keys.Where(key => !Objects.ContainsKey(key)) : [])
            .ToDictionary(key => key, key => keptSince.GetValueOrDefault(key, readAt));
        foreach (var (key, since) in kept)
        {
            Keep(previous[key], since, found);
        }

        (keptSince, readAt) = (kept, now);
        diagnostics = found;
        Unknown = file.Unknown;
        var changed = new HashSet<ResourceKey>(previous.Keys);
        changed.UnionWith(Objects.Keys);
        changed.RemoveWhere(key => previous.TryGetValue(key, out var before) && Objects.TryGetValue(key, out var after)
            && ReferenceEquals(before, after));
        return changed;
    }

    private void Keep(Resource resource, DateTimeOffset since, List<Diagnostic> found)
    {
        Objects.Add(resource.Key, resource);
        found.Add(new Diagnostic(
            DiagnosticSeverity.Warning,
            "previous-version",
            $"{resource.Key} is still served as it was read at {since.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z.",
            resource.Origin("")));
    }

    private Diagnostic Problem(DiagnosticSeverity severity, string code, string message) =>
        new(severity, code, message, new Origin("", "", "", "", Path, 1));
}

/// <summary>What has to be known of a file's text to tell what became of it; the text itself is not kept.</summary>
/// <param name="Length">In characters.</param>
/// <param name="Hash">Of the text.</param>
/// <param name="Unended">The text where its last line does not end: rare, and then a cut is told by its beginning.</param>
internal readonly record struct FileText(int Length, UInt128 Hash, string? Unended)
{
    public static FileText Of(string text) => new(text.Length, DocumentCache.HashOf(text), text.EndsWith('\n') ? null : text);

    public bool Is(string other) => other.Length == Length && DocumentCache.HashOf(other) == Hash;

    /// <summary>Whether a shorter text that ends within a line may be the beginning of this one.</summary>
    public bool IsCutTo(string other) => Unended is null || Unended.StartsWith(other, StringComparison.Ordinal);
}
