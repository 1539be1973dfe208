using Polygate.Dialects.Common;
using Polygate.Model;

namespace Polygate.Dialects.Kong.Plugins;

/// <summary><c>request-size-limiting</c>: bodies up to 128 megabytes unless it says otherwise.</summary>
internal static class RequestSizeLimitingPlugin
{
    public static void Apply(PluginConfig config, PluginTarget target, Findings findings)
    {
        long? unit = config.Text("size_unit") switch
        {
            null or "megabytes" => 1024 * 1024,
            "kilobytes" => 1024,
            "bytes" => 1,
            _ => null,
        };
        var size = config.Number("allowed_payload_size") ?? 128;
        if (unit is null || size is < 1 or > int.MaxValue)
        {
            target.Refuse(findings, "invalid-size", "The size is 1 or more, in megabytes, kilobytes or bytes.", config.Field("allowed_payload_size"));
            return;
        }

        if (config.Flag("require_content_length") == true)
        {
            target.Refuse(
                findings,
                "unsupported-field",
                "Refusing bodies without a length is not supported yet: routes that use it answer 503.",
                config.Field("require_content_length"));
            return;
        }

        target.Add(new BodyLimitFilter(size * unit.Value));
    }
}
