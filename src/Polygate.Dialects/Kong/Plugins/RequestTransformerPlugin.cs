using Polygate.Dialects.Common;
using Polygate.Model;

namespace Polygate.Dialects.Kong.Plugins;

/// <summary><c>request-transformer</c>: header fields and the whole path. Queries, bodies, methods, renaming and templates are not supported yet.</summary>
internal static class RequestTransformerPlugin
{
    public static void Apply(PluginConfig config, PluginTarget target, Findings findings)
    {
        if (config.Section("replace").Text("uri") is { } uri)
        {
            if (HeaderTransformations.IsTemplate(uri) || !uri.StartsWith('/'))
            {
                target.Refuse(
                    findings,
                    "unsupported-template",
                    "Only a fixed path that starts with a slash is supported as the new path: routes that use it answer 503.",
                    config.Field("replace.uri"));
            }
            else
            {
                target.Add(new RewriteFilter { Path = new ReplaceFullPath(uri) });
            }
        }

        foreach (var changes in HeaderTransformations.Read(config, findings))
        {
            target.Add(new RequestHeaderFilter(changes));
        }
    }
}
