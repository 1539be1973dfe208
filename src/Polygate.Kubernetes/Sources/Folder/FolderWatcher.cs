using System.Threading.Channels;

namespace Polygate.Kubernetes.Sources.Folder;

/// <summary>
/// Hears of changes in a folder and below, and of the folder itself being replaced (which its parent tells). A hint only:
/// what the operating system does not tell, or tells too late, a rescan finds.
/// </summary>
internal sealed class FolderWatcher : IDisposable
{
    private readonly string folder;
    private readonly ChannelWriter<string?> changes;
    private readonly List<FileSystemWatcher> parents = [];
    private readonly Lock gate = new();
    private FileSystemWatcher? inside;
    private bool disposed;

    /// <param name="folder">An absolute path.</param>
    /// <param name="changes">Receives relative paths with forward slashes; null when anything may have changed.</param>
    public FolderWatcher(string folder, ChannelWriter<string?> changes)
    {
        this.folder = folder;
        this.changes = changes;
        foreach (var path in new[] { folder, RealPath() }.Distinct(StringComparer.Ordinal))
        {
            WatchParent(path);
        }

        WatchInside();
    }

    /// <summary>Whether changes are heard of; otherwise (no watches left, an unusual file system) only rescans find them.</summary>
    public bool IsWatching => inside is not null;

    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            inside?.Dispose();
            parents.ForEach(watcher => watcher.Dispose());
        }
    }

    /// <summary>Watches anew if that failed before.</summary>
    public void Repair()
    {
        if (!IsWatching)
        {
            WatchInside();
        }
    }

    private string RealPath()
    {
        try
        {
            return Directory.ResolveLinkTarget(folder, returnFinalTarget: true)?.FullName ?? folder;
        }
        catch (IOException)
        {
            return folder;
        }
    }

    private void WatchParent(string path)
    {
        if (Path.GetDirectoryName(path) is { } parent && Watch(parent, Path.GetFileName(path), deep: false, _ => Replaced()) is { } watcher)
        {
            parents.Add(watcher);
        }
    }

    private void Replaced()
    {
        WatchInside();
        changes.TryWrite(null);
    }

    private void WatchInside()
    {
        var root = RealPath();
        lock (gate)
        {
            inside?.Dispose();
            inside = disposed ? null : Watch(root, "*", deep: true, path => changes.TryWrite(Path.GetRelativePath(root, path).Replace('\\', '/')));
        }
    }

    private FileSystemWatcher? Watch(string path, string filter, bool deep, Action<string> changed)
    {
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new FileSystemWatcher(path, filter)
            {
                IncludeSubdirectories = deep,
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size,
            };
            watcher.Created += (_, change) => changed(change.FullPath);
            watcher.Changed += (_, change) => changed(change.FullPath);
            watcher.Deleted += (_, change) => changed(change.FullPath);
            watcher.Renamed += (_, change) =>
            {
                changed(change.OldFullPath);
                changed(change.FullPath);
            };
            watcher.Error += (_, _) => changes.TryWrite(null);
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            watcher?.Dispose();
            return null;
        }
    }
}
