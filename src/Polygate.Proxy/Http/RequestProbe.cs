using System.Net;
using System.Text;

namespace Polygate.Proxy.Http;

/// <summary>Makes the request that a client would send, for explaining what would become of it.</summary>
public static class RequestProbe
{
    /// <summary>A request as the engine sees it once it was received; null when it would be refused with 400.</summary>
    /// <param name="method">The method.</param>
    /// <param name="url">An absolute http or https URL.</param>
    /// <param name="headers">Header fields; <c>Host</c> replaces the URL's host.</param>
    /// <param name="listenerPort">The port of the listener it comes to.</param>
    public static RequestHead? Create(
        string method, Uri url, IEnumerable<KeyValuePair<string, string>> headers, int listenerPort)
    {
        var request = new RequestHead();
        request.SetMethod(Encoding.ASCII.GetBytes(method));
        var authority = url.Authority;
        foreach (var (name, value) in headers)
        {
            if (name.Equals("Host", StringComparison.OrdinalIgnoreCase))
            {
                authority = value;
            }
            else
            {
                request.Headers.Add(Encoding.ASCII.GetBytes(name), Encoding.UTF8.GetBytes(value));
            }
        }

        // As written: the Uri class would decode and tidy the path in its own way.
        var start = url.OriginalString.IndexOf("://", StringComparison.Ordinal) + "://".Length;
        var slash = url.OriginalString.IndexOfAny(['/', '?', '#'], start);
        var target = slash < 0 ? "/" : url.OriginalString[slash..].Split('#')[0];
        target = target.StartsWith('/') ? target : "/" + target;
        if (!RequestTarget.TrySetAuthority(request, Encoding.ASCII.GetBytes(authority))
            || !RequestTarget.TrySetPathAndQuery(request, Encoding.UTF8.GetBytes(target)))
        {
            return null;
        }

        var isTls = url.Scheme == Uri.UriSchemeHttps;
        request.Client = new ClientConnection(IPAddress.Loopback, listenerPort, isTls, isTls ? url.IdnHost.ToLowerInvariant() : "");
        request.ClientAddress = IPAddress.Loopback;
        request.IsTls = isTls;
        return request;
    }
}
