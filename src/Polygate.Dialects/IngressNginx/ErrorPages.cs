using System.Globalization;
using Polygate.Dialects.Common;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Dialects.Pipeline;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>
/// custom-http-errors: answers with these statuses are replaced by what the default backend answers, its status included. It is told
/// about the error in headers, and asked for <c>/</c>.
/// </summary>
/// <param name="Statuses">300 to 599.</param>
/// <param name="LeavesBackendErrors">Whether only the gateway's own errors are replaced (<c>disable-proxy-intercept-errors</c>).</param>
internal sealed record ErrorPages(ValueList<int> Statuses, bool LeavesBackendErrors)
{
    /// <summary>Null for none.</summary>
    public static ErrorPages? Parse(AnnotationReader reader)
    {
        var leavesBackendErrors = reader.Boolean("disable-proxy-intercept-errors");
        var statuses = new List<int>();
        foreach (var word in reader.List("custom-http-errors"))
        {
            if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 300 and <= 599)
            {
                statuses.Add(status);
            }
            else
            {
                reader.UseDefault("custom-http-errors", $"\"{word}\" is not a status from 300 to 599.");
            }
        }

        return statuses.Count == 0 ? null : new ErrorPages(statuses.ToValueList(), leavesBackendErrors);
    }

    public ErrorPagesFilter Filter(ServicePort backend, NginxIngress settings, IngressPath path) => new(backend.Name, Statuses)
    {
        Path = TextTemplate.Literal("/"),
        KeepStatus = false,
        GatewayOnly = LeavesBackendErrors,
        Set =
        [
            new HeaderTemplate("X-Code", TextTemplate.Of(TextSource.Status)),
            new HeaderTemplate("X-Original-URI", TextTemplate.Of(TextSource.PathAndQuery)),
            .. About(settings, path),
        ],
    };

    /// <summary>What an error backend is told of the request's place, besides the status.</summary>
    public static IReadOnlyList<HeaderTemplate> About(NginxIngress settings, IngressPath path)
    {
        var service = path.Backend?.Service;
        return
        [
            new HeaderTemplate("X-Format", TextTemplate.Of(TextSource.Header, "Accept")),
            new HeaderTemplate("X-Namespace", TextTemplate.Literal(settings.Resource.Namespace)),
            new HeaderTemplate("X-Ingress-Name", TextTemplate.Literal(settings.Resource.Name)),
            new HeaderTemplate("X-Service-Name", TextTemplate.Literal(service?.Name ?? "")),
            new HeaderTemplate("X-Service-Port", TextTemplate.Literal(service?.Port?.Name ?? service?.Port?.Number?.ToString(CultureInfo.InvariantCulture) ?? "")),
            new HeaderTemplate("X-Request-ID", TextTemplate.Of(TextSource.Header, "X-Request-ID")),
        ];
    }
}
