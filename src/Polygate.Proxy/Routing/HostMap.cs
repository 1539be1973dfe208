using Polygate.Model;

namespace Polygate.Proxy.Routing;

/// <summary>
/// An immutable map from host patterns to values, ordered by <see cref="Specificity"/>: finds the value of the most specific pattern that
/// fits a host, or all of them one after the other.
/// </summary>
internal sealed class HostMap<T>
    where T : class
{
    private readonly ByteMap<T> exact;
    private readonly ByteMap<T> suffixes;
    private readonly ByteMap<T> singleLabelSuffixes;
    private readonly PrefixMap<T> prefixes;
    private readonly RegexHost[] patterns;
    private readonly T? any;

    // Whether only exact hosts and those for any host are in it, as in most: then there is nothing to be tried between them.
    private readonly bool isPlain;

    private HostMap(
        ByteMap<T> exact,
        ByteMap<T> suffixes,
        ByteMap<T> singleLabelSuffixes,
        PrefixMap<T> prefixes,
        RegexHost[] patterns,
        T? any)
    {
        this.exact = exact;
        this.suffixes = suffixes;
        this.singleLabelSuffixes = singleLabelSuffixes;
        this.prefixes = prefixes;
        this.patterns = patterns;
        this.any = any;
        isPlain = suffixes.Count == 0 && singleLabelSuffixes.Count == 0 && prefixes.Count == 0 && patterns.Length == 0;
    }

    public static HostMap<T> Empty { get; } = new(ByteMap<T>.Empty, ByteMap<T>.Empty, ByteMap<T>.Empty, PrefixMap<T>.Empty, [], null);

    public bool IsEmpty =>
        exact.Count == 0 && suffixes.Count == 0 && singleLabelSuffixes.Count == 0 && prefixes.Count == 0 && patterns.Length == 0 && any is null;

    /// <summary>Every pattern with its value.</summary>
    public IEnumerable<T> Values =>
        exact.Values.Concat(suffixes.Values).Concat(singleLabelSuffixes.Values).Concat(prefixes.Values)
            .Concat(patterns.Select(pattern => pattern.Value)).Concat(any is null ? [] : [any]);

    /// <summary>The value of exactly this pattern.</summary>
    public T? this[HostPattern pattern] => pattern.Kind switch
    {
        HostPatternKind.Any => any,
        HostPatternKind.Exact => exact.Find(HostMatcher.KeyOf(pattern)),
        HostPatternKind.Suffix => suffixes.Find(HostMatcher.KeyOf(pattern)),
        HostPatternKind.SingleLabelSuffix => singleLabelSuffixes.Find(HostMatcher.KeyOf(pattern)),
        HostPatternKind.Prefix => prefixes[HostMatcher.KeyOf(pattern)],
        _ => Array.Find(patterns, candidate => candidate.Pattern == pattern)?.Value,
    };

    /// <summary>The map with some patterns set (or, where the value is null, removed).</summary>
    public HostMap<T> With(IReadOnlyList<HostChange<T>> changes)
    {
        var newAny = any;
        foreach (var change in changes.Where(change => change.Pattern.Kind == HostPatternKind.Any))
        {
            newAny = change.Value;
        }

        return new HostMap<T>(
            exact.With(Of(HostPatternKind.Exact)),
            suffixes.With(Of(HostPatternKind.Suffix)),
            singleLabelSuffixes.With(Of(HostPatternKind.SingleLabelSuffix)),
            prefixes.With(Of(HostPatternKind.Prefix)),
            PatternsWith(changes),
            newAny);

        IReadOnlyList<KeyValuePair<byte[], T?>> Of(HostPatternKind kind)
        {
            List<KeyValuePair<byte[], T?>>? found = null;
            for (var i = 0; i < changes.Count; i++)
            {
                if (changes[i].Pattern.Kind == kind)
                {
                    (found ??= []).Add(KeyValuePair.Create(changes[i].Key, changes[i].Value));
                }
            }

            return found ?? (IReadOnlyList<KeyValuePair<byte[], T?>>)[];
        }
    }

    /// <summary>The value of the most specific pattern that fits the host.</summary>
    public T? FindMostSpecific(ReadOnlySpan<byte> host)
    {
        var matches = new Matches(this, host);
        return matches.Next();
    }

    /// <summary>The values of all patterns that fit the host, the most specific first.</summary>
    public Matches FindAll(ReadOnlySpan<byte> host) => new(this, host);

    // A pattern that stays keeps its compiled form: compiling is by far the dearest part.
    private RegexHost[] PatternsWith(IReadOnlyList<HostChange<T>> changes)
    {
        if (!changes.Any(change => change.Pattern.Kind == HostPatternKind.Regex))
        {
            return patterns;
        }

        var changed = changes.Where(change => change.Pattern.Kind == HostPatternKind.Regex).ToDictionary(change => change.Pattern, change => change.Value);

        var compiled = patterns.ToDictionary(host => host.Pattern, host => host.Regex);
        return
        [
            .. patterns.Where(host => !changed.ContainsKey(host.Pattern))
                .Concat(changed.Where(change => change.Value is not null).Select(change => new RegexHost(
                    change.Key, compiled.TryGetValue(change.Key, out var regex) ? regex : Compile(change.Key), change.Value!)))
                .OrderByDescending(host => Specificity.Of(host.Pattern))
                .ThenBy(host => host.Pattern.Value, StringComparer.Ordinal),
        ];
    }

    private static TextRegex? Compile(HostPattern pattern) =>
        TextRegex.TryCreate(pattern.Value, ignoreCase: false, out var regex, out _) ? regex : null;

    /// <summary>A regular expression over hosts; without its compiled form when it is invalid.</summary>
    private sealed record RegexHost(HostPattern Pattern, TextRegex? Regex, T Value);

    /// <summary>Goes through the patterns that fit a host.</summary>
    public ref struct Matches
    {
        private readonly HostMap<T> map;
        private readonly ReadOnlySpan<byte> host;
        private Stage stage;
        private int position;

        internal Matches(HostMap<T> map, ReadOnlySpan<byte> host)
        {
            this.map = map;
            this.host = host;
            stage = map.exact.Count > 0 ? Stage.Exact : AfterExact;
        }

        private enum Stage
        {
            Exact,
            SingleLabelSuffix,
            Suffix,
            Prefix,
            Regex,
            Any,
            Done,
        }

        private readonly Stage AfterExact => map.isPlain ? Stage.Any : Stage.SingleLabelSuffix;

        /// <summary>The next value, or null at the end.</summary>
        public T? Next()
        {
            while (stage != Stage.Done)
            {
                if (Step() is { } value)
                {
                    return value;
                }
            }

            return null;
        }

        private T? Step()
        {
            switch (stage)
            {
                case Stage.Exact:
                    stage = AfterExact;
                    return map.exact.Find(host);
                case Stage.SingleLabelSuffix:
                    stage = Stage.Suffix;
                    return map.singleLabelSuffixes.Count > 0 && FirstDot() is > 0 and var dot ? map.singleLabelSuffixes.Find(host[dot..]) : null;
                case Stage.Suffix:
                    return NextSuffix();
                case Stage.Prefix:
                    return NextPrefix();
                case Stage.Regex:
                    return NextRegex();
                default:
                    stage = Stage.Done;
                    return map.any;
            }
        }

        private readonly int FirstDot() => host.IndexOf((byte)'.');

        // The single-label suffix of a host is its longest suffix, so that going through the dots from left to right
        // keeps the order of specificity.
        private T? NextSuffix()
        {
            if (map.suffixes.Count > 0 && host.Length > position + 1 && host[(position + 1)..].IndexOf((byte)'.') is >= 0 and var dot)
            {
                position += dot + 1;
                return map.suffixes.Find(host[position..]);
            }

            stage = Stage.Prefix;
            position = map.prefixes.Lengths;
            return null;
        }

        private T? NextPrefix()
        {
            if (position > 0)
            {
                var hash = new ByteHash();
                return map.prefixes.Find(host, --position, ref hash);
            }

            stage = Stage.Regex;
            position = 0;
            return null;
        }

        private T? NextRegex()
        {
            if (position < map.patterns.Length)
            {
                var candidate = map.patterns[position++];
                return candidate.Regex is not null && candidate.Regex.Finds(host) ? candidate.Value : null;
            }

            stage = Stage.Any;
            return null;
        }
    }
}

/// <summary>A host pattern's value from now on.</summary>
/// <param name="Pattern">The pattern.</param>
/// <param name="Key">Its text as bytes.</param>
/// <param name="Value">The value; null for none any more.</param>
internal readonly record struct HostChange<T>(HostPattern Pattern, byte[] Key, T? Value)
    where T : class
{
    public HostChange(HostPattern pattern, T? value)
        : this(pattern, HostMatcher.KeyOf(pattern), value)
    {
    }
}
