using Polygate.Model;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Listening;

/// <summary>How the clients of a socket are treated.</summary>
/// <param name="Limits">How large and how slow their messages may be.</param>
/// <param name="Trusted">Which of them are proxies that are believed.</param>
internal sealed record ClientRules(HttpLimits Limits, TrustedProxies Trusted)
{
    /// <summary>The settings of a listener over those of the installation.</summary>
    public static ClientRules Of(ClientSettings settings, ClientRules installation) => new(
        installation.Limits with
        {
            HeaderTimeout = settings.HeaderTimeout ?? installation.Limits.HeaderTimeout,
            IdleTimeout = settings.IdleTimeout ?? installation.Limits.IdleTimeout,
            BodyTimeout = settings.BodyTimeout ?? installation.Limits.BodyTimeout,
            RequestLine = settings.RequestLineBytes ?? installation.Limits.RequestLine,
            HeaderBytes = settings.HeaderBytes ?? installation.Limits.HeaderBytes,
            HeaderCount = settings.HeaderCount ?? installation.Limits.HeaderCount,
        },
        settings.TrustedProxies is { } proxies ? TrustedProxies.Parse(proxies) : installation.Trusted);
}
