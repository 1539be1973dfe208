using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>Redirects: permanent and temporal, to TLS, between www and apex.</summary>
internal sealed record Redirects
{
    private const string RequestUri = "$request_uri";

    /// <summary>What answers in place of the backend; null for none.</summary>
    public RedirectAction? Answer { get; init; }

    /// <summary>Whether cleartext requests go to TLS where the host has it.</summary>
    public bool ToTls { get; init; }

    /// <summary>Whether cleartext requests go to TLS in any case.</summary>
    public bool ToTlsAlways { get; init; }

    public bool PreserveTrailingSlash { get; init; }

    /// <summary>Whether the other one of <c>www.host</c> and <c>host</c> is redirected here.</summary>
    public bool FromToWww { get; init; }

    public static Redirects Parse(AnnotationReader reader, IngressNginxOptions options) => new()
    {
        // The temporal redirect wins over the permanent one.
        Answer = ParseAnswer(reader, "temporal-redirect", 302, 307) ?? ParseAnswer(reader, "permanent-redirect", 301, 308),
        ToTls = reader.Boolean("ssl-redirect"),
        ToTlsAlways = reader.Boolean("force-ssl-redirect"),
        PreserveTrailingSlash = reader.Boolean("preserve-trailing-slash") || options.IsStrict(NginxQuirks.TlsRedirectSlash),
        FromToWww = reader.Boolean("from-to-www-redirect"),
    };

    /// <summary>Whether cleartext requests to a host are redirected to TLS.</summary>
    /// <param name="hostHasTls">Whether the host has a certificate configured, even one that is missing.</param>
    public bool RedirectsToTls(bool hostHasTls) => ToTlsAlways || (ToTls && hostHasTls);

    /// <summary>The redirect to TLS: one slash at the very end of the target is left out unless it is to be preserved.</summary>
    public RedirectToTlsFilter TlsRedirect(int status) => new(new RedirectAction
    {
        Status = status,
        Scheme = "https",
        Port = 443,
        DropTrailingSlash = !PreserveTrailingSlash,
    });

    /// <summary>The host that goes with this one: without <c>www.</c> where it has it, otherwise with it.</summary>
    public static string Counterpart(string host) =>
        host.StartsWith("www.", StringComparison.Ordinal) ? host[4..] : "www." + host;

    private static RedirectAction? ParseAnswer(AnnotationReader reader, string name, int standardStatus, int highestStatus)
    {
        var status = reader.Number(name + "-code") ?? standardStatus;
        if (status < 300 || status > highestStatus)
        {
            reader.UseDefault(name + "-code", $"{status} is not between 300 and {highestStatus}.");
            status = standardStatus;
        }

        return reader.Text(name) is { } target ? ParseTarget(reader, name, target, status) : null;
    }

    private static RedirectAction? ParseTarget(AnnotationReader reader, string name, string target, int status)
    {
        var keepsTarget = target.EndsWith(RequestUri, StringComparison.Ordinal);
        var address = keepsTarget ? target[..^RequestUri.Length] : target;
        if (address.Contains('$'))
        {
            reader.DenyLocation(name, $"Of the variables only {RequestUri} at the end is supported.", "unsupported-annotation");
            return null;
        }

        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri)
            || uri.Scheme is not ("http" or "https")
            || !address.All(character => character is > ' ' and < '\u007f' and not ('"' or '\\' or '<' or '>' or '{' or '}')))
        {
            reader.IgnoreIngress(name, $"\"{target}\" is not an http or https URL.");
            return null;
        }

        if (!keepsTarget)
        {
            return new RedirectAction { Status = status, Location = address };
        }

        var prefix = uri.AbsolutePath.TrimEnd('/');
        return new RedirectAction
        {
            Status = status,
            Scheme = uri.Scheme,
            Host = uri.Host,
            Port = uri.Port,
            Path = prefix.Length == 0 ? null : new AddPrefix(prefix),
        };
    }
}
