using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Polygate.Kubernetes.Sources.Folder;

namespace Polygate.Kubernetes.Sources;

/// <summary>
/// A folder of manifests (<c>*.yaml</c>, <c>*.yml</c>, <c>*.json</c>, recursively, hidden names left out), watched for changes. A change
/// is taken in once the folder has been quiet for 50 ms, or 200 ms after it began. A broken edit keeps the last good state
/// of its objects; a file that became shorter or vanished is believed after it stayed so for a moment, one that was emptied
/// after a second.
/// </summary>
public sealed class FolderSource
{
    private static readonly TimeSpan QuietTime = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan RescanInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan UnwatchedRescanInterval = TimeSpan.FromSeconds(1);

    private readonly string folder;
    private readonly FolderState state;
    private readonly TimeProvider time;
    private DateTimeOffset lookedAtAll;

    /// <param name="folder">The folder.</param>
    /// <param name="reader">Reads its files.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public FolderSource(string folder, ManifestReader reader, TimeProvider? time = null)
    {
        this.folder = Path.GetFullPath(folder);
        this.time = time ?? TimeProvider.System;
        state = new FolderState(this.folder, reader);
    }

    /// <summary>Reads the folder as it is now. A folder that cannot be read gives a diagnostic.</summary>
    public static ResourceBatch ReadOnce(string folder, ManifestReader reader) =>
        new FolderState(Path.GetFullPath(folder), reader).LookAtAll(TimeProvider.System.GetUtcNow());

    /// <summary>
    /// The folder's content as the first batch, then a batch for each change of objects or diagnostics, until cancelled.
    /// Changes that happen while a batch is worked on come together in the next. To be called once.
    /// </summary>
    public async IAsyncEnumerable<ResourceBatch> WatchAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var changes = Channel.CreateUnbounded<string?>(new UnboundedChannelOptions { SingleReader = true });
        using var watcher = new FolderWatcher(folder, changes.Writer);
        lookedAtAll = time.GetUtcNow();
        var batch = state.LookAtAll(lookedAtAll);
        while (true)
        {
            yield return batch;
            var previous = batch;
            do
            {
                batch = await NextAsync(changes.Reader, watcher, cancellation);
            }
            while (batch.IsEmpty && batch.Diagnostics.SequenceEqual(previous.Diagnostics) && batch.Unknown.SequenceEqual(previous.Unknown));
        }
    }

    private async Task<ResourceBatch> NextAsync(ChannelReader<string?> changes, FolderWatcher watcher, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var rescanAt = lookedAtAll + (watcher.IsWatching ? RescanInterval : UnwatchedRescanInterval);
        var until = state.NextLook is { } look && look < rescanAt ? look : rescanAt;
        var touched = new HashSet<string>(StringComparer.Ordinal);
        var scope = Scope.Files;
        if (await WaitAsync(changes, until - now, cancellation))
        {
            var latest = time.GetUtcNow() + LongestWait;
            do
            {
                while (changes.TryRead(out var path))
                {
                    scope = Max(scope, ScopeOf(path, touched));
                }

                now = time.GetUtcNow();
            }
            while (now < latest && await WaitAsync(changes, Min(QuietTime, latest - now), cancellation));
        }
        else if (until == rescanAt)
        {
            watcher.Repair();
            scope = Scope.Folder;
        }

        now = time.GetUtcNow();
        if (scope == Scope.Files)
        {
            return state.LookAt(touched, now);
        }

        lookedAtAll = now;
        return state.LookAtAll(now, touched, distrust: scope == Scope.Swap);
    }

    /// <summary>What a change may concern. Notes the file if it is one.</summary>
    private Scope ScopeOf(string? path, HashSet<string> touched)
    {
        if (path is null)
        {
            return Scope.Swap;
        }

        // ConfigMap mounts swap the link "..data", to which the visible links lead.
        if (path.StartsWith("..", StringComparison.Ordinal) || path.Contains("/..", StringComparison.Ordinal))
        {
            return path.EndsWith("..data", StringComparison.Ordinal) ? Scope.Swap : Scope.Files;
        }

        var isFolder = Directory.Exists(Path.Combine(folder, path));
        if (!isFolder && FolderFiles.IsManifest(path))
        {
            touched.Add(path);
            return Scope.Files;
        }

        return isFolder || state.Knows(path) ? Scope.Folder : Scope.Files;
    }

    /// <summary>True when there are changes, false when the time is over.</summary>
    private async Task<bool> WaitAsync(ChannelReader<string?> changes, TimeSpan wait, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (wait <= TimeSpan.Zero)
        {
            return changes.TryPeek(out _);
        }

        using var timer = new CancellationTokenSource(wait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        try
        {
            return await changes.WaitToReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;

    private static Scope Max(Scope left, Scope right) => left > right ? left : right;

    /// <summary>How much has to be looked at.</summary>
    private enum Scope
    {
        /// <summary>The files that were named.</summary>
        Files,

        /// <summary>Every file that looks different.</summary>
        Folder,

        /// <summary>Every file.</summary>
        Swap,
    }
}
