using Polygate.Dialects.Common;
using Polygate.Model;

namespace Polygate.Dialects.Kong.Plugins;

/// <summary><c>request-termination</c>: answers every request itself.</summary>
internal static class RequestTerminationPlugin
{
    public static void Apply(PluginConfig config, PluginTarget target, Findings findings)
    {
        var status = (int)(config.Number("status_code") ?? 503);
        if (status is < 100 or > 599)
        {
            target.Refuse(findings, "invalid-status", "The status is from 100 to 599.", config.Field("status_code"));
            return;
        }

        if (config.Text("trigger") is { Length: > 0 })
        {
            target.Refuse(
                findings, "unsupported-field", "Ending only some requests is not supported yet: routes that use it answer 503.", config.Field("trigger"));
            return;
        }

        findings.Unsupported(config.Flag("echo"), config.Field("echo"));
        var message = config.Text("message");
        var contentType = config.Text("content_type");
        target.AnswerWith(config.Text("body") is { } body
            ? new DirectResponseAction(status, body, contentType ?? KongAnswers.JsonType)
            : new DirectResponseAction(status, KongAnswers.Message(message ?? KongAnswers.DefaultMessage(status)), KongAnswers.JsonType));
    }
}
