using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>mirror-target: where copies of requests go, with the path and query they came with. Answers are dropped.</summary>
/// <param name="Target">The server that gets the copies; they name it as their host.</param>
internal sealed record Mirroring(Backend Target)
{
    private const string RequestUri = "$request_uri";

    /// <summary>Null without mirroring.</summary>
    public static Mirroring? Parse(AnnotationReader reader)
    {
        if (reader.Text("mirror-target") is not { } written)
        {
            return null;
        }

        // "https://host/$request_uri", as the documentation writes it, means the path with one slash.
        var address = written.EndsWith(RequestUri, StringComparison.Ordinal) ? written[..^RequestUri.Length] : written;
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri)
            || uri.Scheme is not ("http" or "https")
            || uri.PathAndQuery != "/"
            || uri.UserInfo.Length > 0
            || uri.IsLoopback
            || address == written)
        {
            reader.Warn("unsupported-annotation", "mirror-target", $"\"{written}\" is not supported; expected http:// or https://, a host and {RequestUri}. Nothing is mirrored.");
            return null;
        }

        WarnOfOtherSettings(reader, uri);
        return new Mirroring(new Backend($"ingress-nginx/mirror/{uri.Scheme}://{uri.Authority}", new StaticEndpoints([new Endpoint(uri.IdnHost, uri.Port)]))
        {
            Name = uri.Authority,
            Tls = uri.Scheme == "https" ? new BackendTls { SkipVerification = true } : null,
            UseEndpointHost = true,
        });
    }

    private static void WarnOfOtherSettings(AnnotationReader reader, Uri uri)
    {
        if (reader.Text("mirror-host") is { } host && host != uri.Host && host != uri.Authority)
        {
            reader.Warn("unsupported-annotation", "mirror-host", "Copies name the host of mirror-target; another host is not supported.");
        }

        if (reader.Choice("mirror-request-body", "on", "off") == "off")
        {
            reader.Warn("unsupported-annotation", "mirror-request-body", "Copies carry the body; leaving it out is not supported.");
        }
    }
}
