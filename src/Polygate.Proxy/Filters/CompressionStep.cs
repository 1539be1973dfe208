using System.Buffers.Text;
using System.Text;
using Polygate.Model;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Filters;

/// <summary>Decides whether the backend's answer is compressed, and how, and says so in its head. The body is encoded as it is forwarded.</summary>
internal sealed class CompressionStep : FilterStep
{
    private static readonly ContentCoding[] OwnOrder = [ContentCoding.Brotli, ContentCoding.Gzip];
    private readonly CompressionFilter filter;
    private readonly ContentCoding[] codings;

    public CompressionStep(CompressionFilter filter, ICollection<string> problems)
    {
        this.filter = filter;
        codings = [.. (filter.Codings.IsEmpty ? OwnOrder : filter.Codings.AsEnumerable()).Where(coding => coding != ContentCoding.Zstandard)];
        if (codings.Length == 0)
            problems.Add("The engine compresses with gzip and brotli only.");
    }

    public override LocalReply? OnRequest(RequestHead head, FilterState state)
    {
        // What the client accepts is remembered: filters behind this one may change it.
        if (!head.Method.SequenceEqual("HEAD"u8) && Choose(head.Headers) is { } coding)
            state.Note(this, coding);

        return null;
    }

    public override void OnResponse(RequestHead head, ResponseHead response, FilterState state)
    {
        if (state.Exchange is not { State.IsBackendAnswer: true } exchange || !IsFit(response))
            return;

        AddVary(response.Headers);
        if (state.NoteOf(this) is not ContentCoding coding || exchange.State.Encoder is not null)
            return;

        exchange.State.Encoder = new CompressedBody(coding);
        response.Headers.Set("Content-Encoding"u8, coding == ContentCoding.Brotli ? "br"u8 : "gzip"u8);
        response.Headers.Remove("content-length"u8);
        response.Headers.Remove("accept-ranges"u8);
        response.Headers.Remove("content-md5"u8);
        if (response.Headers.TryGet("etag"u8, out var tag) && !tag.StartsWith("W/"u8))
            response.Headers.Set("ETag"u8, Encoding.ASCII.GetBytes("W/" + Encoding.ASCII.GetString(tag)));
    }

    private bool IsFit(ResponseHead response)
    {
        var headers = response.Headers;
        if (response.Status is < 200 or 204 or 206 or 304 || headers.Contains("content-encoding"u8) || headers.Contains("content-range"u8))
            return false;

        if (headers.TryGet("cache-control"u8, out var control) && AsText(control).Contains("no-transform", StringComparison.OrdinalIgnoreCase))
            return false;

        if (headers.TryGet("content-length"u8, out var length) && Utf8Parser.TryParse(length, out long bytes, out _) && bytes < filter.MinimumBytes)
            return false;

        var type = headers.TryGet("content-type"u8, out var given) ? AsText(given).Split(';')[0].Trim() : "";
        if (type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase))
            return false;

        return filter.Types.IsEmpty ? !filter.ExcludedTypes.Any(pattern => Fits(type, pattern)) : filter.Types.Any(pattern => Fits(type, pattern));
    }

    private static bool Fits(string type, string pattern) => pattern == "*" || (pattern.EndsWith("/*", StringComparison.Ordinal)
        ? type.StartsWith(pattern[..^1], StringComparison.OrdinalIgnoreCase)
        : type.Equals(pattern, StringComparison.OrdinalIgnoreCase));

    /// <summary>RFC 9110 section 12.5.3: the coding with the highest weight, and of equals the first in our order.</summary>
    private ContentCoding? Choose(HeaderTable headers)
    {
        if (!headers.TryGet("accept-encoding"u8, out var accepted))
            return filter.Default is { } given && codings.Contains(given) ? given : null;

        ContentCoding? best = null;
        var highest = 0.0;
        foreach (var coding in codings)
        {
            var weight = WeightOf(AsText(accepted), coding == ContentCoding.Brotli ? "br" : "gzip");
            if (weight > highest)
                (best, highest) = (coding, weight);
        }

        return best;
    }

    private static double WeightOf(string accepted, string name)
    {
        var wildcard = 0.0;
        foreach (var item in accepted.Split(','))
        {
            var parts = item.Split(';', StringSplitOptions.TrimEntries);
            var weight = 1.0;
            foreach (var parameter in parts.Skip(1))
            {
                if (parameter.StartsWith("q=", StringComparison.OrdinalIgnoreCase))
                    weight = double.TryParse(parameter.AsSpan(2), System.Globalization.NumberStyles.AllowDecimalPoint, System.Globalization.CultureInfo.InvariantCulture, out var q) ? q : 0;
            }

            if (parts[0].Equals(name, StringComparison.OrdinalIgnoreCase))
                return weight;

            if (parts[0] == "*")
                wildcard = weight;
        }

        return wildcard;
    }

    private static void AddVary(HeaderTable headers)
    {
        if (headers.TryGet("vary"u8, out var vary) && (vary.SequenceEqual("*"u8) || AsText(vary).Contains("accept-encoding", StringComparison.OrdinalIgnoreCase)))
            return;

        headers.Add("Vary"u8, "Accept-Encoding"u8);
    }

    private static string AsText(ReadOnlySpan<byte> bytes) => Encoding.ASCII.GetString(bytes);
}
