using Polygate.Dialects.Common;

namespace Polygate.Dialects.Kong.Plugins;

/// <summary>The types of plugin: in which order they run and what each does here.</summary>
internal static class PluginCatalog
{
    private delegate void Apply(PluginConfig config, PluginTarget target, Findings findings);

    /// <summary>Kong's static priorities: the higher runs first.</summary>
    private static readonly Dictionary<string, (int Priority, Apply Apply)> Supported = new(StringComparer.Ordinal)
    {
        ["cors"] = (2000, CorsPlugin.Apply),
        ["ip-restriction"] = (990, IpRestrictionPlugin.Apply),
        ["request-size-limiting"] = (951, RequestSizeLimitingPlugin.Apply),
        ["request-transformer"] = (801, RequestTransformerPlugin.Apply),
        ["response-transformer"] = (800, ResponseTransformerPlugin.Apply),
        ["redirect"] = (779, RedirectPlugin.Apply),
        ["request-termination"] = (2, RequestTerminationPlugin.Apply),
    };

    /// <summary>Plugins that watch or improve, without which a request may pass.</summary>
    private static readonly HashSet<string> LeftOut = new(StringComparer.Ordinal)
    {
        "correlation-id", "datadog", "file-log", "grpc-web", "http-log", "loggly", "opentelemetry", "prometheus", "proxy-cache", "statsd", "syslog",
        "tcp-log", "udp-log", "zipkin",
    };

    /// <summary>The place of a type in the order; unknown ones first, so that they close the route before anything happens.</summary>
    public static int PriorityOf(string type) => Supported.TryGetValue(type, out var known) ? known.Priority : int.MaxValue;

    /// <summary>Applies a plugin to a route.</summary>
    public static void ApplyTo(string type, PluginConfig config, PluginTarget target, Findings findings)
    {
        if (Supported.TryGetValue(type, out var known))
        {
            known.Apply(config, target, findings);
            config.ReportUnread();
            if (findings.Failed)
            {
                target.Refuse();
            }
        }
        else if (LeftOut.Contains(type))
        {
            findings.Warning("unsupported-plugin", $"The plugin {type} is not supported yet and has no effect.", "plugin");
        }
        else if (type == "rate-limiting")
        {
            target.Refuse(
                findings,
                "unsupported-plugin",
                "The plugin rate-limiting counts in fixed windows, which are not supported yet: routes that use it answer 503.",
                "plugin");
        }
        else
        {
            target.Refuse(
                findings, "unsupported-plugin", $"The plugin {type} is not supported yet: routes that use it answer 503, since it may restrict access.", "plugin");
        }
    }
}
