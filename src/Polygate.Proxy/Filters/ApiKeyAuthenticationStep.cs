using System.Security.Cryptography;
using Polygate.Model;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Filters;

/// <summary>
/// Demands a key that is known. What is compared is a digest, and it is found by its hash: how long that takes tells nothing of the key.
/// </summary>
internal sealed class ApiKeyAuthenticationStep : FilterStep
{
    private readonly ApiKeyAuthenticationFilter filter;
    private readonly CredentialLocation[] locations;
    private readonly Dictionary<string, ApiKey> byDigest = new(StringComparer.Ordinal);
    private readonly byte[][] ownHeaders;
    private readonly byte[]? consumerHeader;
    private readonly LocalReply missing;
    private readonly LocalReply unknown;

    public ApiKeyAuthenticationStep(ApiKeyAuthenticationFilter filter, ICollection<string> problems)
    {
        this.filter = filter;
        locations = [.. filter.Locations.Select(location => new CredentialLocation(location))];
        if (locations.Length == 0)
            problems.Add("Keys are demanded, but it is not said where they are looked for.");

        foreach (var key in filter.Keys)
            byDigest.TryAdd(key.Sha256.ToLowerInvariant(), key);

        consumerHeader = filter.ConsumerHeader is null ? null : HeaderText.Name(filter.ConsumerHeader);
        ownHeaders = [.. filter.Keys.SelectMany(key => key.RequestHeaders).Select(header => header.Name).Distinct(StringComparer.OrdinalIgnoreCase).Select(HeaderText.Name)];
        HeaderValue[] challenge = filter.Challenge is { } text ? [new HeaderValue("WWW-Authenticate", text)] : [];
        missing = LocalReply.Of(filter.RejectStatus, filter.MissingBody, challenge);
        unknown = LocalReply.Of(filter.RejectStatus, filter.RejectBody, challenge);
    }

    public override LocalReply? OnRequest(RequestHead head, FilterState state)
    {
        // Only this gateway says who the consumer is.
        if (consumerHeader is not null)
            head.Headers.Remove(consumerHeader);

        foreach (var name in ownHeaders)
            head.Headers.Remove(name);

        if (filter.SkipPreflight && Preflight.Is(head))
            return null;

        foreach (var location in locations)
        {
            if (location.TryRead(head, out var value))
                return byDigest.TryGetValue(Convert.ToHexStringLower(SHA256.HashData(value)), out var key) ? Admit(head, key, location) : unknown;
        }

        return missing;
    }

    private LocalReply? Admit(RequestHead head, ApiKey key, CredentialLocation location)
    {
        if (filter.RemoveCredentials)
            location.Remove(head);

        if (consumerHeader is not null)
            head.Headers.Set(consumerHeader, HeaderText.Value(key.Consumer));

        foreach (var header in key.RequestHeaders)
            head.Headers.Set(HeaderText.Name(header.Name), HeaderText.Value(header.Value));

        return null;
    }
}
