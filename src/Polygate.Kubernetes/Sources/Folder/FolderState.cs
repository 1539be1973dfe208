using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Kubernetes.Sources.Folder;

/// <summary>
/// What a folder serves, brought up to date by looking at its files. Reads no clock and starts nothing by itself. One
/// thread at a time.
/// </summary>
internal sealed class FolderState
{
    /// <summary>How long a file must be gone: editors replace a file by removing it first.</summary>
    internal static readonly TimeSpan MissingWait = TimeSpan.FromMilliseconds(100);

    /// <summary>When a file that cannot be read, or is being written, is looked at again.</summary>
    private static readonly TimeSpan RetryWait = TimeSpan.FromMilliseconds(200);

    private const long MaximumLength = 64 << 20;

    private readonly string folder;
    private readonly ManifestReader reader;
    private readonly SortedDictionary<string, WatchedFile> files = new(StringComparer.Ordinal);

    /// <summary>Every object of the files, by key.</summary>
    private readonly Dictionary<ResourceKey, Held> objects = [];

    /// <summary>The keys that stand in several files.</summary>
    private readonly HashSet<ResourceKey> contested = [];
    private bool folderMissing;

    public FolderState(string folder, ManifestReader reader)
    {
        this.folder = folder;
        this.reader = reader;
    }

    /// <summary>When to look again although nothing happened; null for never.</summary>
    public DateTimeOffset? NextLook => files.Values.Select(file => file.LookAgainAt).Where(time => time is not null).Min();

    /// <summary>Whether a file or folder of this relative path holds something that is served.</summary>
    public bool Knows(string path) => files.ContainsKey(path) || files.Keys.Any(file => file.StartsWith(path + "/", StringComparison.Ordinal));

    /// <summary>Looks at the whole folder.</summary>
    /// <param name="now">The time.</param>
    /// <param name="touched">Files to read even if they look the same.</param>
    /// <param name="distrust">
    /// Whether to read every file: others may stand in their places that look the same (the clock of file systems is
    /// coarse, and unpacked archives carry made-up times).
    /// </param>
    public ResourceBatch LookAtAll(DateTimeOffset now, IReadOnlySet<string>? touched = null, bool distrust = false)
    {
        SortedDictionary<string, FileStamp> found;
        try
        {
            found = FolderFiles.Scan(folder);
            folderMissing = false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // What was served before stays: the folder is being replaced, or its volume is away.
            folderMissing = true;
            return Publish([]);
        }

        var due = new List<(WatchedFile File, FileStamp Stamp)>();
        foreach (var (path, stamp) in found)
        {
            var file = FileAt(path);
            if (distrust || file.Stamp != stamp || file.LookAgainAt <= now || touched?.Contains(path) == true || file.MissingSince is not null)
            {
                due.Add((file, stamp));
            }
        }

        var changed = Read(due, now);
        foreach (var file in files.Values.Where(file => !found.ContainsKey(file.Path)).ToList())
        {
            changed.AddRange(Missing(file, now));
        }

        return Publish(changed);
    }

    /// <summary>Looks at some files, and those whose time has come.</summary>
    public ResourceBatch LookAt(IEnumerable<string> paths, DateTimeOffset now)
    {
        var due = new List<(WatchedFile File, FileStamp Stamp)>();
        var changed = new List<ResourceKey>();
        foreach (var path in paths.Union(files.Values.Where(file => file.LookAgainAt <= now).Select(file => file.Path)).ToList())
        {
            if (FolderFiles.StampOf(folder, path) is { } stamp)
            {
                due.Add((FileAt(path), stamp));
            }
            else if (files.TryGetValue(path, out var file))
            {
                changed.AddRange(Missing(file, now));
            }
        }

        changed.AddRange(Read(due, now));
        return Publish(changed);
    }

    private WatchedFile FileAt(string path)
    {
        if (!files.TryGetValue(path, out var file))
        {
            files.Add(path, file = new WatchedFile(path));
        }

        return file;
    }

    private List<ResourceKey> Read(List<(WatchedFile File, FileStamp Stamp)> due, DateTimeOffset now)
    {
        var changed = new IReadOnlyCollection<ResourceKey>[due.Count];
        Parallel.For(0, due.Count, i => changed[i] = Read(due[i].File, due[i].Stamp, now));
        for (var i = 0; i < due.Count; i++)
        {
            var path = due[i].File.Path;
            foreach (var key in changed[i])
            {
                Own(key, path, due[i].File.Objects.ContainsKey(key));
            }
        }

        return [.. changed.SelectMany(keys => keys)];
    }

    private IReadOnlyCollection<ResourceKey> Read(WatchedFile file, FileStamp stamp, DateTimeOffset now)
    {
        file.MissingSince = null;
        if (stamp.Length > MaximumLength)
        {
            file.Stamp = stamp;
            file.CannotRead($"it has more than {MaximumLength >> 20} MiB");
            return [];
        }

        try
        {
            var text = ReadText(Path.Combine(folder, file.Path));
            file.Stamp = stamp;
            var changed = file.Update(reader, text, now);
            if (FolderFiles.StampOf(folder, file.Path) != stamp)
            {
                // Somebody is writing it.
                file.LookAgainAt ??= now + RetryWait;
            }

            return changed;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            file.CannotRead(exception is UnauthorizedAccessException ? "access is denied" : exception.GetType().Name);
            file.LookAgainAt = now + RetryWait;
            return [];
        }
    }

    private static string ReadText(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var text = new StreamReader(stream, Encoding.UTF8);
        return text.ReadToEnd();
    }

    private IEnumerable<ResourceKey> Missing(WatchedFile file, DateTimeOffset now)
    {
        file.MissingSince ??= now;
        if (file.Objects.Count > 0 && now - file.MissingSince < MissingWait)
        {
            file.LookAgainAt = file.MissingSince + MissingWait;
            return [];
        }

        files.Remove(file.Path);
        foreach (var key in file.Objects.Keys)
        {
            Own(key, file.Path, false);
        }

        return file.Objects.Keys;
    }

    private void Own(ResourceKey key, string path, bool owns)
    {
        ref var held = ref CollectionsMarshal.GetValueRefOrAddDefault(objects, key, out _);
        if (owns)
        {
            held.Files.Add(path, StringComparer.Ordinal);
        }
        else
        {
            held.Files.Remove(path);
        }

        _ = held.Files.Items.Count > 1 ? contested.Add(key) : contested.Remove(key);
    }

    private ResourceBatch Publish(IReadOnlyCollection<ResourceKey> changed)
    {
        var set = new List<Resource>();
        var moved = new List<Resource>();
        var removed = new List<Resource>();
        foreach (var key in changed.Distinct())
        {
            ref var held = ref CollectionsMarshal.GetValueRefOrNullRef(objects, key);
            if (Unsafe.IsNullRef(ref held))
            {
                continue;
            }

            var before = held.Published;
            held.Published = held.Files.IsEmpty ? null : files[held.Files.Items.First()].Objects[key];
            if (held.Published is not { } now)
            {
                objects.Remove(key);
                removed.AddRange(before is null ? [] : [before]);
            }
            else if (!ReferenceEquals(now, before))
            {
                (before is not null && now.IsMoved(before) ? moved : set).Add(now);
            }
        }

        return new ResourceBatch(set, removed, moved, [.. Diagnostics()], [.. files.Values.SelectMany(file => file.Unknown)]);
    }

    private IEnumerable<Diagnostic> Diagnostics()
    {
        if (folderMissing)
        {
            var kept = objects.Count == 0 ? "" : " What it held is still served.";
            yield return new Diagnostic(
                DiagnosticSeverity.Error, "folder-missing", $"The configuration folder cannot be read.{kept}", new Origin("", "", "", "", ".", 0));
        }

        foreach (var diagnostic in files.Values.SelectMany(file => file.Diagnostics))
        {
            yield return diagnostic;
        }

        foreach (var key in contested.OrderBy(key => key.ToString(), StringComparer.Ordinal))
        {
            var paths = objects[key].Files.Items;
            var first = files[paths.First()].Objects[key];
            foreach (var path in paths.Skip(1))
            {
                yield return new Diagnostic(
                    DiagnosticSeverity.Error,
                    "duplicate-object",
                    $"{key} stands in {first.Source.File} already, at line {first.Source.LineOf("")}; that one counts.",
                    files[path].Objects[key].Origin(""));
            }
        }
    }

    /// <summary>An object of the files.</summary>
    private struct Held
    {
        /// <summary>The files that have it, by path; the first one serves it.</summary>
        public SmallSet<string> Files;

        /// <summary>As it was last told; null before.</summary>
        public Resource? Published;
    }
}
