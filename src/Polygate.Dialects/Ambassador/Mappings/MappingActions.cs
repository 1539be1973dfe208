using System.Text.Json;
using Polygate.Dialects.Ambassador.Resources;
using Polygate.Dialects.Common;
using Polygate.Model;

namespace Polygate.Dialects.Ambassador.Mappings;

/// <summary>What answers a Mapping's requests.</summary>
internal static class MappingActions
{
    private const int DefaultTimeout = 3000;

    /// <summary>The redirect of a Mapping with <c>host_redirect</c>: its service is the new host.</summary>
    public static RedirectAction Redirect(MappingView mapping)
    {
        var spec = mapping.Spec;
        var service = ServiceName.Parse(spec.Service ?? "");
        return new RedirectAction
        {
            Status = spec.RedirectResponseCode ?? 301,
            Scheme = service?.OriginatesTls == true ? "https" : null,
            Host = service?.Host,
            Port = service?.Port ?? 0,
            Path = spec switch
            {
                { PathRedirect: { Length: > 0 } path } => new ReplaceFullPath(path),
                { PrefixRedirect: { Length: > 0 } prefix } => MappingFilters.TextRewrite(mapping, prefix),
                { RegexRedirect.Pattern: { Length: > 0 } pattern } when Re2.TryConvert(pattern, out var converted, out _) =>
                    new RegexRewrite(converted, Re2.ConvertSubstitution(spec.RegexRedirect.Substitution ?? "")) { All = true },
                _ => null,
            },
        };
    }

    /// <summary>Sends requests to a backend; without one they are answered 503.</summary>
    public static ForwardAction Forward(MappingView mapping, MappingGroup group, Backend? backend, Installation installation, MappingReport report)
    {
        var spec = mapping.Spec;
        var retry = group.Mappings.Select(member => member.Spec.RetryPolicy).FirstOrDefault(policy => policy is not null)
            ?? FromModule(installation, report);
        var upgrades = spec.AllowUpgrade ?? [];
        foreach (var other in upgrades.Where(upgrade => !upgrade.Equals("websocket", StringComparison.OrdinalIgnoreCase)))
        {
            report.Info("upgrade", $"Every upgrade is allowed where one is; {other} is not told apart from websocket.", "spec.allow_upgrade");
        }

        return new ForwardAction([backend is null ? new WeightedBackend(null) { ErrorStatus = 503 } : new WeightedBackend(backend.Id)])
        {
            NoBackendStatus = 503,
            RequestTimeout = TimeSpan.FromMilliseconds(spec.TimeoutMs ?? installation.Number("cluster_request_timeout_ms") ?? DefaultTimeout),
            IdleTimeout = spec.IdleTimeoutMs is { } idle ? TimeSpan.FromMilliseconds(idle) : null,
            BackendTimeout = GoDuration.TryParse(retry?.PerTryTimeout, out var perTry) ? perTry : null,
            Retry = retry is null ? null : Retry(retry, report),
            AllowUpgrade = upgrades.Count > 0 || spec.UseWebsocket == true,
        };
    }

    private static RetryPolicy? Retry(RetryPolicySpec retry, MappingReport report)
    {
        if (retry.RetryOn is not ("5xx" or "gateway-error" or "connect-failure" or "retriable-4xx" or "refused-stream" or "retriable-status-codes"))
        {
            report.Warning(
                "invalid-field", $"retry_on is exactly one of 5xx, gateway-error, connect-failure, retriable-4xx, refused-stream, retriable-status-codes, not {retry.RetryOn}; nothing is retried.",
                "spec.retry_policy.retry_on");
            return null;
        }

        return EnvoyRetries.Parse(retry.RetryOn, retry.NumRetries ?? 1, [], []);
    }

    private static RetryPolicySpec? FromModule(Installation installation, MappingReport report)
    {
        try
        {
            return installation.Setting("retry_policy") is { ValueKind: JsonValueKind.Object } policy
                ? policy.Deserialize(AmbassadorJson.Default.RetryPolicySpec)
                : null;
        }
        catch (JsonException)
        {
            report.Warning("invalid-field", "The Module's retry_policy cannot be read and has no effect.");
            return null;
        }
    }
}
