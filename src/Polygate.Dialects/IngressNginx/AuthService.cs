using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>The server of an authentication URL.</summary>
/// <param name="IsTls">Whether it is spoken to over TLS (not verified, as ingress-nginx does it).</param>
/// <param name="Host">Its name.</param>
/// <param name="Port">Its port.</param>
internal sealed record AuthService(bool IsTls, string Host, int Port)
{
    public string BackendId => $"ingress-nginx/auth/{(IsTls ? "https" : "http")}://{Host}:{Port}";

    /// <summary>The server of a URL.</summary>
    /// <param name="url">As written.</param>
    /// <param name="target">The path and query after the server, variables included.</param>
    /// <param name="problem">What is wrong; empty when nothing is.</param>
    public static AuthService? Parse(string url, out string target, out string problem)
    {
        target = "/";
        problem = "expected http:// or https://, a host and a path.";
        if (!IsPlain(url))
        {
            return null;
        }

        var scheme = url.IndexOf("://", StringComparison.Ordinal);
        var rest = scheme < 0 ? "" : url[(scheme + 3)..];
        var end = rest.IndexOfAny(['/', '?']);
        var server = end < 0 ? rest : rest[..end];
        if (server.Contains('$'))
        {
            problem = "the server cannot be a variable.";
            return null;
        }

        if (!Uri.TryCreate(url[..Math.Max(scheme, 0)] + "://" + server, UriKind.Absolute, out var uri)
            || uri.Scheme is not ("http" or "https") || uri.UserInfo.Length > 0 || server.Length == 0 || uri.Host.Contains("..", StringComparison.Ordinal))
        {
            return null;
        }

        target = end < 0 ? "/" : rest[end] == '?' ? "/" + rest[end..] : rest[end..];
        problem = "";
        return new AuthService(uri.Scheme == "https", uri.IdnHost, uri.Port);
    }

    /// <summary>Whether clients can be redirected to a text: a URL or a path, without anything that is not part of one.</summary>
    public static bool IsSignIn(string url) =>
        IsPlain(url)
        && (url.StartsWith("http://", StringComparison.Ordinal) || url.StartsWith("https://", StringComparison.Ordinal)
            || (url[0] == '/' && !url.StartsWith("//", StringComparison.Ordinal)) || url.StartsWith("$scheme://", StringComparison.Ordinal));

    /// <summary>A Service of the cluster by its name there (<c>name.namespace.svc</c>) is reached at its endpoints, another host as it is.</summary>
    public Backend Backend(IResourceLookup lookup)
    {
        var labels = Host.TrimEnd('.').Split('.');
        var service = labels is [var name, var ns, "svc", ..] && (labels.Length == 3 || Host.TrimEnd('.').EndsWith(".svc.cluster.local", StringComparison.Ordinal))
            ? ServiceBackends.ByNumber(lookup, ns, name, Port)
            : null;
        return new Backend(BackendId, service is null ? new StaticEndpoints([new Endpoint(Host, Port)]) : service.Endpoints)
        {
            Name = $"{Host}:{Port}",
            Tls = IsTls ? new BackendTls { ServerName = Host, SkipVerification = true } : null,
        };
    }

    /// <summary>What ingress-nginx admits in URLs with variables.</summary>
    private static bool IsPlain(string url) =>
        url.All(character => char.IsAsciiLetterOrDigit(character) || "-._~/:, ?&=${}%".Contains(character)) && !url.Contains(' ');
}
