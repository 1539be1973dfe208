using System.Text;
using Polygate.Model;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;

namespace Polygate.Proxy.Filters;

/// <summary>Reads a credential from its place in a request, and takes it out.</summary>
internal sealed class CredentialLocation(TokenLocation location)
{
    private readonly byte[] name = location.Source == CredentialSource.Header ? HeaderText.Name(location.Name) : Encoding.UTF8.GetBytes(location.Name);
    private readonly byte[] prefix = Encoding.ASCII.GetBytes(location.Prefix);

    /// <summary>The credential; false when there is none.</summary>
    public bool TryRead(RequestHead head, out byte[] value)
    {
        ReadOnlySpan<byte> text;
        var found = location.Source switch
        {
            CredentialSource.Header => head.Headers.TryGet(name, out text),
            CredentialSource.Cookie => CookieReader.TryGet(head.Headers, name, out text),
            _ => QueryReader.TryGet(head.Query, name, out text),
        };
        value = [];
        if (!found || text.Length < prefix.Length || !Ascii.EqualsIgnoreCase(text[..prefix.Length], prefix))
            return false;

        text = text[prefix.Length..].Trim((byte)' ');
        if (location.Source != CredentialSource.QueryParameter)
        {
            value = text.ToArray();
            return !text.IsEmpty;
        }

        var decoded = new byte[text.Length];
        value = decoded[..QueryReader.Decode(text, decoded)];
        return value.Length > 0;
    }

    /// <summary>Keeps it from the backend.</summary>
    public void Remove(RequestHead head)
    {
        switch (location.Source)
        {
            case CredentialSource.Header:
                head.Headers.Remove(name);
                break;
            case CredentialSource.Cookie:
                RemoveCookie(head.Headers);
                break;
            default:
                RemoveParameter(head);
                break;
        }
    }

    private void RemoveCookie(HeaderTable headers)
    {
        var kept = new List<byte>();
        var cookies = new CookieReader(headers);
        while (cookies.Next())
        {
            if (cookies.Name.SequenceEqual(name))
                continue;

            if (kept.Count > 0)
                kept.AddRange("; "u8);

            kept.AddRange(cookies.Name);
            kept.Add((byte)'=');
            kept.AddRange(cookies.Value);
        }

        headers.Remove("cookie"u8);
        if (kept.Count > 0)
            headers.Add("Cookie"u8, kept.ToArray());
    }

    private void RemoveParameter(RequestHead head)
    {
        var kept = new List<byte>();
        foreach (var range in head.Query.Split((byte)'&'))
        {
            var pair = head.Query[range];
            var equals = pair.IndexOf((byte)'=');
            if (QueryReader.DecodedEquals(equals < 0 ? pair : pair[..equals], name))
                continue;

            if (kept.Count > 0)
                kept.Add((byte)'&');

            kept.AddRange(pair);
        }

        head.SetQuery(kept.ToArray());
        head.HasQuery = kept.Count > 0;
    }
}

/// <summary>Requests by which browsers ask what they may (Fetch standard, CORS preflight).</summary>
internal static class Preflight
{
    public static bool Is(RequestHead head) =>
        head.Method.SequenceEqual("OPTIONS"u8) && head.Headers.Contains("origin"u8) && head.Headers.Contains("access-control-request-method"u8);
}
