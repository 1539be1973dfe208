namespace Polygate.Proxy.Simulation;

/// <summary>How two readings of the same bytes relate.</summary>
public enum Relation
{
    /// <summary>The same requests were taken, and the rest refused alike.</summary>
    Same,

    /// <summary>The engine refuses what the reference takes.</summary>
    Stricter,

    /// <summary>Both refuse, with another status.</summary>
    OtherStatus,

    /// <summary>The engine takes what the reference refuses, or takes it for something else: two servers in a row could be made to disagree.</summary>
    Looser,
}

/// <summary>The engine's reading of a connection held against the reference's.</summary>
/// <param name="Relation">The verdict.</param>
/// <param name="Detail">What differs, for people.</param>
public readonly record struct Comparison(Relation Relation, string Detail)
{
    public static Comparison Of(Transcript own, Transcript reference)
    {
        for (var i = 0; i < Math.Max(own.Requests.Count, reference.Requests.Count); i++)
        {
            if (i >= reference.Requests.Count)
                return new Comparison(Relation.Looser, $"request {i} is taken, the reference says {reference.Refusal}: {own.Requests[i]}");

            if (i >= own.Requests.Count)
                return new Comparison(Relation.Stricter, $"request {i} is not taken ({own.Refusal}): {reference.Requests[i]}");

            if (Compare(own.Requests[i], reference.Requests[i]) is { Relation: not Relation.Same } difference)
                return difference;
        }

        // Where the bytes end before a request does, one may say so and the other just close.
        return own.Refusal != reference.Refusal && own.Refusal != 0
            ? new Comparison(Relation.OtherStatus, $"{own.Refusal} instead of {reference.Refusal}")
            : default;
    }

    private static Comparison Compare(ReadRequest own, ReadRequest reference)
    {
        if ((own.Method, own.Target, own.Authority, own.Version) != (reference.Method, reference.Target, reference.Authority, reference.Version))
            return new Comparison(Relation.Looser, $"the request line is read as {own} instead of {reference}");

        if (!HasSameFields(own.Fields, reference.Fields, ListedBy(own.Fields)))
            return new Comparison(Relation.Looser, $"the fields are read as {own} instead of {reference}");

        if (own.BodyStatus != 0 && reference.BodyStatus == 0)
            return new Comparison(Relation.Stricter, $"the body is refused ({own.BodyStatus}): {reference}");

        // Kestrel counts trailers with the header fields: that is another limit, not another reading.
        if (own.BodyStatus == 0 && reference.BodyStatus == 431)
            return default;

        if (own.BodyStatus == 0 && (reference.BodyStatus != 0 || own.Body != reference.Body))
            return new Comparison(Relation.Looser, $"the body is read as {own} instead of {reference}");

        if (own.BodyStatus == 0 && !HasSameFields(WithValue(own.Trailers), WithValue(reference.Trailers), NeverTrailers.Union(ListedBy(reference.Trailers)).ToHashSet(StringComparer.OrdinalIgnoreCase)))
            return new Comparison(Relation.Looser, $"the trailers are read as [{ReadRequest.Print(own.Trailers)}] instead of [{ReadRequest.Print(reference.Trailers)}]");

        return own.BodyStatus > 0 && reference.BodyStatus > 0 && own.BodyStatus != reference.BodyStatus
            ? new Comparison(Relation.OtherStatus, $"the body is refused with {own.BodyStatus} instead of {reference.BodyStatus}")
            : default;
    }

    /// <summary>What the engine leaves out of trailers: framing, routing, and what only one connection is about.</summary>
    private static HashSet<string> NeverTrailers { get; } = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Content-Length", "TE", "Upgrade", "HTTP2-Settings", "Host", "Expect",
        "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Proto", "X-Real-IP",
    };

    /// <summary>RFC 9110 section 7.6.1: the engine takes out what <c>Connection</c> lists, as an intermediary has to.</summary>
    private static HashSet<string> ListedBy(IReadOnlyList<(string Name, string Value)> fields) =>
        fields.Where(field => field.Name.Equals("Connection", StringComparison.OrdinalIgnoreCase))
            .SelectMany(field => field.Value.Split(',', StringSplitOptions.TrimEntries))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Kestrel writes <c>Connection</c> anew; what it means shows in what is read next.</summary>
    private static bool IsComparable((string Name, string Value) field) => !field.Name.Equals("Connection", StringComparison.OrdinalIgnoreCase);

    /// <summary>Kestrel has <c>Content-Length</c> as a number.</summary>
    private static string ValueOf((string Name, string Value) field) =>
        field.Name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) ? field.Value.TrimStart('0') : field.Value;

    /// <summary>Kestrel forgets trailers without a value.</summary>
    private static List<(string Name, string Value)> WithValue(IReadOnlyList<(string Name, string Value)> fields) =>
        [.. fields.Where(field => field.Value.Length > 0)];

    private static bool HasSameFields(
        IReadOnlyList<(string Name, string Value)> own, IReadOnlyList<(string Name, string Value)> reference, HashSet<string> mayBeMissing)
    {
        var ours = own.Where(IsComparable).ToLookup(field => field.Name, ValueOf, StringComparer.OrdinalIgnoreCase);
        var theirs = reference.Where(IsComparable).ToLookup(field => field.Name, ValueOf, StringComparer.OrdinalIgnoreCase);
        return ours.All(group => theirs[group.Key].SequenceEqual(group))
            && theirs.All(group => ours.Contains(group.Key) || mayBeMissing.Contains(group.Key));
    }
}
