using Polygate.Dialects.Common;
using Polygate.Model;

namespace Polygate.Dialects.Kong.Plugins;

/// <summary>
/// <c>cors</c>. Kong writes a single configured origin into every answer, also for other origins; here an origin that does not match gets
/// none, which browsers treat alike.
/// </summary>
internal static class CorsPlugin
{
    private static readonly string[] AllMethods = ["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE", "OPTIONS", "TRACE", "CONNECT"];

    public static void Apply(PluginConfig config, PluginTarget target, Findings findings)
    {
        var exact = new List<string>();
        var patterns = new List<string>();
        foreach (var origin in config.Texts("origins") ?? ["*"])
        {
            if (origin == "*" || origin.All(character => char.IsAsciiLetterOrDigit(character) || ".:/-_".Contains(character)))
            {
                exact.Add(origin);
            }
            else if (Re2.TryConvertWhole(origin, out var pattern, out var problem))
            {
                patterns.Add(pattern);
            }
            else
            {
                findings.Error("invalid-regex", $"The origin '{origin}' is neither an origin nor a regular expression: {problem}", config.Field("origins"));
            }
        }

        findings.Unsupported(config.Flag("preflight_continue"), config.Field("preflight_continue"));
        findings.Unsupported(config.Flag("private_network"), config.Field("private_network"));
        config.Flag("allow_origin_absent");
        target.Add(new CorsFilter
        {
            AllowOrigins = exact.ToValueList(),
            AllowOriginPatterns = patterns.ToValueList(),
            AllowMethods = (config.Texts("methods") ?? AllMethods).ToValueList(),

            // Without a list Kong echoes what the preflight asks for.
            AllowHeaders = (config.Texts("headers") ?? ["*"]).ToValueList(),
            ExposeHeaders = (config.Texts("exposed_headers") ?? []).ToValueList(),
            AllowCredentials = config.Flag("credentials") == true,
            MaxAge = (int?)config.Number("max_age"),
            PreflightStatus = 200,
        });
    }
}
