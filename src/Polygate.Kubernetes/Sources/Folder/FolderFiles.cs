namespace Polygate.Kubernetes.Sources.Folder;

/// <summary>What tells, without reading it, that a file is not the one it was.</summary>
/// <param name="Target">Where a symbolic link finally leads (ConfigMap mounts swap links); the path itself for others.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Written">The time of the last write.</param>
internal readonly record struct FileStamp(string Target, long Length, DateTime Written);

/// <summary>Which files of a folder are configuration.</summary>
internal static class FolderFiles
{
    private const int MaximumDepth = 16;

    /// <summary>
    /// The manifests in a folder and below, as paths relative to it with forward slashes. Hidden files and folders (a dot
    /// first) are left out: editors keep their droppings and ConfigMap mounts their versions there.
    /// </summary>
    /// <exception cref="IOException">The folder is not there, or cannot be read.</exception>
    public static SortedDictionary<string, FileStamp> Scan(string folder)
    {
        var files = new SortedDictionary<string, FileStamp>(StringComparer.Ordinal);
        Scan(new DirectoryInfo(folder), "", files, 0);
        return files;
    }

    /// <summary>The stamp of a manifest, or null when there is no such file.</summary>
    public static FileStamp? StampOf(string folder, string path)
    {
        var file = new FileInfo(Path.Combine(folder, path));
        return file.Exists ? StampOf(file) : null;
    }

    /// <summary>Whether a relative path names a manifest, going by its name alone.</summary>
    public static bool IsManifest(string path) =>
        Path.GetExtension(path) is ".yaml" or ".yml" or ".json" && !path.Split('/').Any(IsHidden);

    public static bool IsHidden(string name) => name.StartsWith('.');

    private static void Scan(DirectoryInfo folder, string prefix, SortedDictionary<string, FileStamp> files, int depth)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos())
        {
            if (IsHidden(entry.Name))
            {
                continue;
            }

            var path = prefix + entry.Name;
            if (entry is DirectoryInfo directory)
            {
                // Links may lead in a circle.
                if (depth < MaximumDepth)
                {
                    TryScan(directory, path + "/", files, depth + 1);
                }
            }
            else if (IsManifest(path) && StampOf((FileInfo)entry) is { } stamp)
            {
                files[path] = stamp;
            }
        }
    }

    /// <summary>A folder below that vanishes, or may not be read, hides only itself.</summary>
    private static void TryScan(DirectoryInfo folder, string prefix, SortedDictionary<string, FileStamp> files, int depth)
    {
        try
        {
            Scan(folder, prefix, files, depth);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static FileStamp? StampOf(FileInfo file)
    {
        try
        {
            var target = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo;
            return target is { Exists: true } ? new FileStamp(target.FullName, target.Length, target.LastWriteTimeUtc) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
