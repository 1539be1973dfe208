using System.Text.Json.Nodes;

namespace Polygate.Cluster.Tests.Contract;

/// <summary>An event of a watch.</summary>
internal sealed record WatchEvent(string Type, JsonObject Object)
{
    public string Name => (string?)Object["metadata"]?["name"] ?? "";

    public string ResourceVersion => (string?)Object["metadata"]?["resourceVersion"] ?? "";

    /// <summary>Such as <c>ADDED a</c>.</summary>
    public override string ToString() => Name.Length == 0 ? Type : $"{Type} {Name}";
}

/// <summary>A running watch.</summary>
internal sealed class WatchReader : IDisposable
{
    private readonly HttpResponseMessage answer;
    private readonly StreamReader lines;

    public WatchReader(HttpResponseMessage answer, Stream stream)
    {
        this.answer = answer;
        lines = new StreamReader(stream);
    }

    /// <summary>The next event; null when the watch has ended. Fails when nothing comes for half a minute.</summary>
    public async Task<WatchEvent?> NextAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var line = await lines.ReadLineAsync(deadline.Token);
        if (line is null)
        {
            return null;
        }

        var change = JsonNode.Parse(line)!;
        return new WatchEvent((string)change["type"]!, change["object"]!.AsObject());
    }

    /// <summary>The next event that is not a bookmark.</summary>
    public async Task<WatchEvent?> NextChangeAsync()
    {
        WatchEvent? next;
        do
        {
            next = await NextAsync();
        }
        while (next?.Type == "BOOKMARK");
        return next;
    }

    public void Dispose()
    {
        lines.Dispose();
        answer.Dispose();
    }
}
