using Polygate.Dialects.Common;
using Polygate.Model;

namespace Polygate.Dialects.Kong.Plugins;

/// <summary><c>redirect</c>: to a location as it is, or with the path and query of the request.</summary>
internal static class RedirectPlugin
{
    public static void Apply(PluginConfig config, PluginTarget target, Findings findings)
    {
        var status = (int)(config.Number("status_code") ?? 301);
        var location = config.Text("location");
        if (status is not (300 or 301 or 302 or 303 or 305 or 307 or 308)
            || !Uri.TryCreate(location, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            target.Refuse(findings, "invalid-redirect", "A redirect needs an absolute location and a redirecting status.", config.Field("location"));
            return;
        }

        target.AnswerWith(config.Flag("keep_incoming_path") == true
            ? new RedirectAction { Status = status, Scheme = uri.Scheme, Host = uri.Host, Port = uri.Port }
            : new RedirectAction { Status = status, Location = location });
    }
}
