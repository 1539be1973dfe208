using System.Text;
using Polygate.Proxy.Http;
using Polygate.Proxy.Simulation;

namespace Polygate.Fuzz.Targets;

/// <summary>
/// The server side of HTTP/1.1: how the bytes arrive changes nothing, and whatever it takes Kestrel takes for the same. With a prefix, only what
/// follows that is mutated.
/// </summary>
internal sealed class RequestsTarget(string name, string prefix, KestrelServerReference kestrel) : ITarget
{
    private readonly OwnServer own = new(HttpLimits.Default);
    private readonly byte[] prefixBytes = Encoding.Latin1.GetBytes(prefix);

    public string Name => name;

    public IReadOnlyList<byte[]> Words => Fuzz.Words.Http;

    public IEnumerable<byte[]> Seeds =>
        from request in Corpus.Load("requests")
        where request.Bytes.Length <= 4096 && request.Bytes.AsSpan().StartsWith(prefixBytes)
        select request.Bytes[prefixBytes.Length..];

    public string? Run(byte[] input, Random random)
    {
        byte[] bytes = [.. prefixBytes, .. input];
        var atOnce = own.Read([bytes], inline: true);
        var inPieces = own.Read(Cuts.Of(bytes, random), inline: random.Next(2) == 0);
        if (atOnce.ToString() != inPieces.ToString())
            return $"how it arrives changes it:\n{atOnce}\n{inPieces}";

        // What is refused at once cannot be taken for something else.
        if (atOnce.Requests.Count == 0)
            return null;

        var comparison = Comparison.Of(atOnce, kestrel.ReadAsync([bytes]).GetAwaiter().GetResult());
        return comparison.Relation == Relation.Looser ? $"looser than Kestrel: {comparison.Detail}" : null;
    }

    public void Dispose()
    {
        // The reference belongs to all targets.
    }
}
