using Polygate.Dialects.Gloo.Resources;

namespace Polygate.Dialects.Gloo.Options;

/// <summary>Says of options, on the object they are written in, what is not served.</summary>
internal static class OptionCheck
{
    public static void Check(RouteOptions? options, string field, Findings findings)
    {
        if (options is null)
        {
            return;
        }

        findings.Fields(RouteOptions.Fields, options, field);
        Common(options, field, findings);
        findings.Unsupported(options.AppendXForwardedHost == true, field + ".appendXForwardedHost");
        for (var i = 0; i < (options.Upgrades?.Count ?? 0); i++)
        {
            findings.Unsupported(options.Upgrades![i].Connect is not null, $"{field}.upgrades[{i}].connect");
            findings.Unsupported(options.Upgrades[i].ConnectTerminate is not null, $"{field}.upgrades[{i}].connectTerminate");
        }
    }

    public static void Check(VirtualHostOptions? options, string field, Findings findings)
    {
        if (options is not null)
        {
            findings.Fields(VirtualHostOptions.Fields, options, field);
            Common(options, field, findings);
        }
    }

    private static void Common(CommonOptions options, string field, Findings findings)
    {
        findings.Fields(RetrySpec.Fields, options.Retries, field + ".retries");
        findings.Fields(StagedTransformations.Fields, options.StagedTransformations, field + ".stagedTransformations");
    }
}
