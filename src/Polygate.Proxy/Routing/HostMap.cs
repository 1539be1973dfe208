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
    private readonly ByteMap<T> prefixes;
    private readonly PrefixTrie<T>? prefixTrie;
    private readonly KeyValuePair<HostPattern, T>[] patterns;
    private readonly TextRegex?[] regexes;
    private readonly T? any;

    private HostMap(
        ByteMap<T> exact, ByteMap<T> suffixes, ByteMap<T> singleLabelSuffixes, ByteMap<T> prefixes, KeyValuePair<HostPattern, T>[] patterns, T? any)
    {
        this.exact = exact;
        this.suffixes = suffixes;
        this.singleLabelSuffixes = singleLabelSuffixes;
        this.prefixes = prefixes;
        this.patterns = patterns;
        this.any = any;
        prefixTrie = PrefixTrie<T>.Build([.. prefixes.Entries]);
        regexes = [.. patterns.Select(pattern => TextRegex.TryCreate(pattern.Key.Value, ignoreCase: false, out var regex, out _) ? regex : null)];
    }

    public static HostMap<T> Empty { get; } = new(ByteMap<T>.Empty, ByteMap<T>.Empty, ByteMap<T>.Empty, ByteMap<T>.Empty, [], null);

    public bool IsEmpty =>
        exact.Count == 0 && suffixes.Count == 0 && singleLabelSuffixes.Count == 0 && prefixes.Count == 0 && patterns.Length == 0 && any is null;

    /// <summary>Every pattern with its value.</summary>
    public IEnumerable<T> Values =>
        exact.Entries.Concat(suffixes.Entries).Concat(singleLabelSuffixes.Entries).Concat(prefixes.Entries).Select(entry => entry.Value)
            .Concat(patterns.Select(pattern => pattern.Value)).Concat(any is null ? [] : [any]);

    /// <summary>The value of exactly this pattern.</summary>
    public T? this[HostPattern pattern] => pattern.Kind switch
    {
        HostPatternKind.Any => any,
        HostPatternKind.Exact => exact.Find(HostMatcher.KeyOf(pattern)),
        HostPatternKind.Suffix => suffixes.Find(HostMatcher.KeyOf(pattern)),
        HostPatternKind.SingleLabelSuffix => singleLabelSuffixes.Find(HostMatcher.KeyOf(pattern)),
        HostPatternKind.Prefix => prefixes.Find(HostMatcher.KeyOf(pattern)),
        _ => Array.Find(patterns, candidate => candidate.Key == pattern).Value,
    };

    /// <summary>The map with some patterns set (or, where the value is null, removed).</summary>
    public HostMap<T> With(IReadOnlyList<HostChange<T>> changes)
    {
        var newPatterns = patterns;
        var newAny = any;
        foreach (var (pattern, _, value) in changes)
        {
            if (pattern.Kind == HostPatternKind.Any)
            {
                newAny = value;
            }
            else if (pattern.Kind == HostPatternKind.Regex)
            {
                newPatterns = [.. newPatterns.Where(candidate => candidate.Key != pattern), .. value is null ? [] : new[] { KeyValuePair.Create(pattern, value) }];
            }
        }

        if (newPatterns != patterns)
        {
            Array.Sort(newPatterns, CompareRegexes);
        }

        return new HostMap<T>(
            exact.With(Of(HostPatternKind.Exact)),
            suffixes.With(Of(HostPatternKind.Suffix)),
            singleLabelSuffixes.With(Of(HostPatternKind.SingleLabelSuffix)),
            prefixes.With(Of(HostPatternKind.Prefix)),
            newPatterns,
            newAny);

        List<KeyValuePair<byte[], T?>> Of(HostPatternKind kind) =>
            [.. changes.Where(change => change.Pattern.Kind == kind).Select(change => KeyValuePair.Create(change.Key, change.Value))];
    }

    /// <summary>The value of the most specific pattern that fits the host.</summary>
    public T? FindMostSpecific(ReadOnlySpan<byte> host)
    {
        var matches = new Matches(this, host);
        return matches.Next();
    }

    /// <summary>The values of all patterns that fit the host, the most specific first.</summary>
    public Matches FindAll(ReadOnlySpan<byte> host) => new(this, host);

    private static int CompareRegexes(KeyValuePair<HostPattern, T> left, KeyValuePair<HostPattern, T> right)
    {
        var order = Specificity.Of(right.Key).CompareTo(Specificity.Of(left.Key));
        return order != 0 ? order : string.CompareOrdinal(left.Key.Value, right.Key.Value);
    }

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
                    stage = Stage.SingleLabelSuffix;
                    return map.exact.Count > 0 ? map.exact.Find(host) : null;
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
            position = map.prefixTrie?.Deepest(host) ?? -1;
            return null;
        }

        private T? NextPrefix()
        {
            if (position >= 0)
            {
                return map.prefixTrie!.Value(position, out position);
            }

            stage = Stage.Regex;
            position = 0;
            return null;
        }

        private T? NextRegex()
        {
            if (position < map.patterns.Length)
            {
                var regex = map.regexes[position];
                return regex is not null && regex.Finds(host) ? map.patterns[position++].Value : Skip();
            }

            stage = Stage.Any;
            return null;
        }

        private T? Skip()
        {
            position++;
            return null;
        }
    }
}

/// <summary>A host pattern's value from now on.</summary>
/// <param name="Pattern">The pattern.</param>
/// <param name="Key">Its text as bytes: made together with the value, so that the two are neighbours in memory.</param>
/// <param name="Value">The value; null for none any more.</param>
internal readonly record struct HostChange<T>(HostPattern Pattern, byte[] Key, T? Value)
    where T : class
{
    public HostChange(HostPattern pattern, T? value)
        : this(pattern, HostMatcher.KeyOf(pattern), value)
    {
    }
}
