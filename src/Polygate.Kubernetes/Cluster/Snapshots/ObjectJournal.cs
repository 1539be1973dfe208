using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Polygate.Kubernetes.Cluster.Watching;
using Polygate.Kubernetes.Resources;

namespace Polygate.Kubernetes.Cluster.Snapshots;

/// <summary>
/// The objects that are served, in a file that only its owner may read, so that a restarted gateway can serve while the API server is away. The
/// file is a journal: a line for each change, the last line of an object counts, and lines that no longer count are removed
/// now and then. It holds Secrets that are in use.
/// </summary>
public sealed class ObjectJournal : IAsyncDisposable
{
    /// <summary>Bytes that may be superfluous before the file is written anew; also as many as count.</summary>
    private const long Slack = 4 << 20;

    private readonly string path;
    private readonly Action<string> report;
    private readonly Channel<Record> records = Channel.CreateUnbounded<Record>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Dictionary<ResourceKey, long> lengths = [];
    private FileStream? file;
    private Task writing = Task.CompletedTask;
    private long counting;
    private bool failed;

    /// <param name="path">The file.</param>
    /// <param name="report">Hears why it cannot be read or written; the gateway serves without it.</param>
    public ObjectJournal(string path, Action<string> report)
    {
        this.path = path;
        this.report = report;
    }

    /// <summary>Whether there were objects in the file.</summary>
    public bool IsRestored { get; private set; }

    /// <summary>What the file holds; afterwards it is written to. To be called once, before anything else.</summary>
    internal async IAsyncEnumerable<JournalEntry> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var entry in Load())
        {
            cancellation.ThrowIfCancellationRequested();
            IsRestored = true;
            yield return entry;
        }

        writing = Task.Run(WriteAsync, CancellationToken.None);
        await Task.CompletedTask.ConfigureAwait(false);
    }

    /// <summary>Notes changes. Returns at once.</summary>
    internal void Append(IEnumerable<ClusterObject> set, IEnumerable<Resource> removed)
    {
        foreach (var item in set)
        {
            if (item.Json is { } json)
            {
                item.Json = null;
                records.Writer.TryWrite(new Record(item.Resource.Key, item.ApiVersion, json));
            }
        }

        foreach (var item in removed)
        {
            records.Writer.TryWrite(new Record(item.Key, "", null));
        }
    }

    public async ValueTask DisposeAsync()
    {
        records.Writer.TryComplete();
        await writing.ConfigureAwait(false);
        if (file is not null)
        {
            await file.DisposeAsync().ConfigureAwait(false);
        }
    }

    private IEnumerable<JournalEntry> Load()
    {
        try
        {
            return File.Exists(path) ? JournalLines.Last(File.ReadLines(path)) : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            report($"The snapshot {path} cannot be read: {exception.Message}");
            return [];
        }
    }

    private async Task WriteAsync()
    {
        await foreach (var record in records.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            if (failed)
            {
                continue;
            }

            try
            {
                Write(record);
                if (!records.Reader.TryPeek(out _))
                {
                    await file!.FlushAsync().ConfigureAwait(false);
                    if (file.Length > (2 * counting) + Slack)
                    {
                        Compact();
                    }
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                failed = true;
                report($"The snapshot {path} cannot be written, and is not kept from now on: {exception.Message}");
            }
        }
    }

    private void Write(Record record)
    {
        file ??= Open();
        var start = file.Position;
        JournalLines.Write(file, record.Key, record.Version, record.Json);
        counting -= lengths.GetValueOrDefault(record.Key);
        lengths.Remove(record.Key);
        if (record.Json is not null)
        {
            counting += lengths[record.Key] = file.Position - start;
        }
    }

    /// <summary>Opens the file behind its last whole line, written anew from what counts.</summary>
    private FileStream Open()
    {
        Rewrite();
        return new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, 64 * 1024);
    }

    private void Compact()
    {
        file!.Dispose();
        file = null;
        file = Open();
    }

    private void Rewrite()
    {
        var fresh = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 64 * 1024 };
        if (!OperatingSystem.IsWindows())
        {
            File.Delete(fresh);
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        counting = 0;
        lengths.Clear();
        using (var target = new FileStream(fresh, options))
        {
            foreach (var entry in Load())
            {
                var start = target.Position;
                var key = new ResourceKey(entry.Group, entry.Kind, entry.Namespace, entry.Name);
                JournalLines.Write(target, key, entry.Version, entry.Json);
                counting += lengths[key] = target.Position - start;
            }

            target.Flush(flushToDisk: true);
        }

        File.Move(fresh, path, overwrite: true);
    }

    private readonly record struct Record(ResourceKey Key, string Version, byte[]? Json);
}

/// <summary>An object in the journal.</summary>
internal sealed record JournalEntry(string Group, string Kind, string Namespace, string Name, string Version, ReadOnlyMemory<byte> Json);

/// <summary>The lines of a journal: JSON objects that name an object and, unless it is gone, hold it.</summary>
internal static class JournalLines
{
    /// <summary>The last state of each object. What cannot be read (a line that was cut off) is passed over.</summary>
    public static IEnumerable<JournalEntry> Last(IEnumerable<string> lines)
    {
        var entries = new Dictionary<(string, string, string, string), JournalEntry>();
        foreach (var line in lines)
        {
            if (Read(line) is not { } entry)
            {
                continue;
            }

            var key = (entry.Group, entry.Kind, entry.Namespace, entry.Name);
            if (entry.Json.IsEmpty)
            {
                entries.Remove(key);
            }
            else
            {
                entries[key] = entry;
            }
        }

        return entries.Values;
    }

    /// <param name="stream">Where to.</param>
    /// <param name="key">The object.</param>
    /// <param name="version">The version it is in.</param>
    /// <param name="json">What it says; empty when it is gone.</param>
    public static void Write(Stream stream, ResourceKey key, string version, ReadOnlyMemory<byte> json)
    {
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("group", key.Group);
            writer.WriteString("kind", key.Kind);
            writer.WriteString("namespace", key.Namespace);
            writer.WriteString("name", key.Name);
            if (!json.IsEmpty)
            {
                writer.WriteString("version", version);
                writer.WritePropertyName("object");
                Write(writer, json);
            }

            writer.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }

    /// <summary>A line end within an object (nothing forbids it) would end the line.</summary>
    private static void Write(Utf8JsonWriter writer, ReadOnlyMemory<byte> json)
    {
        if (json.Span.Contains((byte)'\n'))
        {
            using var document = JsonDocument.Parse(json);
            document.WriteTo(writer);
        }
        else
        {
            writer.WriteRawValue(json.Span, skipInputValidation: true);
        }
    }

    private static JournalEntry? Read(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            var json = root.TryGetProperty("object", out var value) ? Encoding.UTF8.GetBytes(value.GetRawText()) : [];
            return new JournalEntry(
                Text("group"), Text("kind"), Text("namespace"), Text("name"), json.Length == 0 ? "" : Text("version"), json);

            string Text(string name) => root.GetProperty(name).GetString() ?? "";
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
