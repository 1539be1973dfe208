using Polygate.Dialects.Common;
using Polygate.Model;

namespace Polygate.Dialects.Kong.Plugins;

/// <summary><c>response-transformer</c>: header fields. JSON bodies and renaming are not supported yet.</summary>
internal static class ResponseTransformerPlugin
{
    public static void Apply(PluginConfig config, PluginTarget target, Findings findings)
    {
        // Answers pass the filters in reverse order.
        foreach (var changes in HeaderTransformations.Read(config, findings).Reverse())
        {
            target.Add(new ResponseHeaderFilter(changes));
        }
    }
}
