using System.Text.Json;
using Polygate.Model;

namespace Polygate.Dialects.Ambassador.Mappings;

/// <summary>What restricts access to a Mapping: address lists are served; what is not served yet refuses every request.</summary>
internal static class AccessFilters
{
    /// <summary>The filters, with an error for each that stands in for something.</summary>
    public static IEnumerable<Filter> Of(MappingView mapping, Installation installation, MappingReport report)
    {
        var refusals = new List<(string Message, string Field)>();
        if (installation.HasAuthentication && !mapping.IsRedirect && mapping.Spec.Field("bypass_auth") is not { ValueKind: JsonValueKind.True })
        {
            refusals.Add(("An AuthService decides about this Mapping, and external authentication is not supported yet: it answers 503. Set bypass_auth to serve it without.", ""));
        }

        if (installation.RateLimitDomains.Any(domain => HasLabels(mapping.Spec.Field("labels"), domain) || HasLabels(installation.Setting("default_labels"), domain)))
        {
            refusals.Add(("A RateLimitService counts the requests of this Mapping, and external rate limits are not supported yet: it answers 503.", "spec.labels"));
        }

        var addresses = AddressFilter(installation, out var problem);
        if (problem.Length > 0)
        {
            refusals.Add(($"The Module's address list cannot be served ({problem}): every Mapping answers 503.", ""));
        }

        foreach (var (message, field) in refusals)
        {
            report.Error("unsupported-field", message, field);
        }

        return refusals.Count > 0 ? [new RefuseFilter(503)] : addresses is null ? [] : [addresses];
    }

    private static bool HasLabels(JsonElement? labels, string domain) =>
        labels is { ValueKind: JsonValueKind.Object } domains
        && domains.TryGetProperty(domain, out var groups)
        && groups.ValueKind is JsonValueKind.Array or JsonValueKind.Object;

    /// <summary><c>ip_allow</c> or <c>ip_deny</c>: a list of networks, each as <c>remote</c> (the client) or <c>peer</c>.</summary>
    private static AddressAccessFilter? AddressFilter(Installation installation, out string problem)
    {
        var (allow, deny) = (installation.Setting("ip_allow"), installation.Setting("ip_deny"));
        problem = allow is not null && deny is not null ? "ip_allow and ip_deny exclude each other" : "";
        if ((allow ?? deny) is not { } list || problem.Length > 0)
        {
            return null;
        }

        var networks = new List<string>();
        foreach (var item in list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : default)
        {
            if (item.ValueKind == JsonValueKind.Object && item.TryGetProperty("remote", out var network) && JsonText.Scalar(network) is { } text)
            {
                networks.Add(text);
            }
            else
            {
                problem = "only entries with remote are supported yet";
                return null;
            }
        }

        if (networks.Count == 0)
        {
            return null;
        }

        return allow is not null
            ? new AddressAccessFilter { Allow = networks.ToValueList() }
            : new AddressAccessFilter { Deny = networks.ToValueList() };
    }
}
