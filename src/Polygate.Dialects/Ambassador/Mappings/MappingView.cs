using System.Text;
using Polygate.Dialects.Ambassador.Hosts;
using Polygate.Dialects.Ambassador.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.Ambassador.Mappings;

/// <summary>A condition on a header or a query parameter.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">The value or regular expression.</param>
/// <param name="IsRegex">Which of the two.</param>
internal sealed record KeyCondition(string Name, string Value, bool IsRegex = false)
{
    /// <summary>How much it counts for the order: an empty value counts as <c>*</c>, a regular expression one more.</summary>
    public int Length => Name.Length + Text.Length + (IsRegex ? 1 : 0);

    /// <summary>Its text for the order.</summary>
    public string Key => Name + "-" + Text;

    private string Text => Value.Length == 0 ? "*" : Value;
}

/// <summary>A Mapping with what it matches worked out: its conditions, its group, its place in the order.</summary>
internal sealed class MappingView
{
    public MappingView(Resource<Mapping> resource)
    {
        Resource = resource;
        var spec = resource.Value.Spec;
        var headers = Exact(spec.Headers).Where(header => !IsAuthority(header)).Concat(Regexes(spec.RegexHeaders)).ToList();
        Hostname = spec.Hostname ?? spec.Host ?? Exact(spec.Headers).FirstOrDefault(IsAuthority)?.Value;
        HostIsRegex = spec.Hostname is null && spec.Host is not null && spec.HostRegex == true;
        RequestHeaders = [.. headers];
        if (Hostname is not null)
        {
            headers.Add(new KeyCondition(":authority", Hostname, HostIsRegex));
        }

        if (!string.IsNullOrEmpty(spec.Method))
        {
            headers.Add(new KeyCondition(":method", spec.Method, spec.MethodRegex == true));
        }

        Queries = [.. Exact(spec.QueryParameters), .. Regexes(spec.RegexQueryParameters)];
        OrderedHeaders = headers;
    }

    /// <summary>Mappings by group.</summary>
    public static ResourceIndex<Mapping> ByGroup { get; } = new("ambassador-mappings-by-group", mapping => [new MappingView(mapping).GroupKey]);

    public Resource<Mapping> Resource { get; }

    public MappingSpec Spec => Resource.Value.Spec;

    public string Prefix => Spec.Prefix ?? "";

    /// <summary>The host name it is for: a glob, or a regular expression; null when it says none.</summary>
    public string? Hostname { get; }

    public bool HostIsRegex { get; }

    /// <summary>Conditions on headers proper.</summary>
    public IReadOnlyList<KeyCondition> RequestHeaders { get; }

    public IReadOnlyList<KeyCondition> Queries { get; }

    public bool IsShadow => Spec.Shadow == true;

    /// <summary>Whether it redirects; a shadow does not, whatever it says.</summary>
    public bool IsRedirect => Spec.HostRedirect == true && !IsShadow;

    /// <summary>Conditions on headers with those on host and method, as the order counts them.</summary>
    private IReadOnlyList<KeyCondition> OrderedHeaders { get; }

    /// <summary>
    /// Mappings with the same key share their traffic: precedence, prefix text, names and values of header and query conditions,
    /// host name and method. Whether a text is a regular expression makes no difference.
    /// </summary>
    public string GroupKey => string.Join('\n', new[] { (Spec.Precedence ?? 0).ToString(), Prefix }
        .Concat(OrderedHeaders.Select(header => header.Name + "=" + header.Value))
        .Concat(Queries.Select(query => "?" + query.Name + "=" + query.Value)));

    /// <summary>The group in one line, for identities.</summary>
    public string GroupName => GroupKey.Replace('\n', ' ');

    /// <summary>
    /// The rank: descending precedence, length of the prefix's text, length of header conditions, of query conditions, then the
    /// texts themselves.
    /// </summary>
    public ValueList<long> Rank()
    {
        var keys = new List<long>
        {
            -(long)(Spec.Precedence ?? 0), -Prefix.Length, -OrderedHeaders.Sum(header => header.Length), -Queries.Sum(query => query.Length),
        };
        PackDescending([Prefix, .. OrderedHeaders.Select(header => header.Key), .. Queries.Select(query => query.Key)], keys);
        return keys.ToValueList();
    }

    /// <summary>Whether some host fits this Mapping and a Host; a regular expression counts as fitting every one.</summary>
    public bool Overlaps(Glob host) => HostIsRegex || new Glob(Hostname ?? "*").Overlaps(host);

    /// <summary>
    /// Texts as numbers that sort the other way round: seven bytes a number, each text closed by a byte below all others, so that
    /// a longer text comes before its own beginning, and a longer list before its own beginning.
    /// </summary>
    private static void PackDescending(IEnumerable<string> texts, List<long> keys)
    {
        var bytes = texts.SelectMany(text => Encoding.UTF8.GetBytes(text).Append((byte)1)).ToArray();
        for (var i = 0; i < bytes.Length; i += 7)
        {
            var packed = 0L;
            for (var j = i; j < i + 7; j++)
            {
                packed = (packed << 8) | (j < bytes.Length ? bytes[j] : (byte)0);
            }

            keys.Add(-packed);
        }
    }

    private static bool IsAuthority(KeyCondition header) => header.Name.Equals(":authority", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<KeyCondition> Exact(IReadOnlyDictionary<string, System.Text.Json.JsonElement>? values) =>
        (values ?? new Dictionary<string, System.Text.Json.JsonElement>())
            .OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => new KeyCondition(pair.Key, JsonText.Scalar(pair.Value) ?? ""));

    private static IEnumerable<KeyCondition> Regexes(IReadOnlyDictionary<string, string>? values) =>
        (values ?? new Dictionary<string, string>())
            .OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => new KeyCondition(pair.Key, pair.Value, IsRegex: true));
}
