namespace Polygate.Dialects.Tests.GatewayApi.Conformance;

/// <summary>Where the manifests of the conformance suite are, on machines that have them.</summary>
internal static class ConformanceManifests
{
    public const string Absent = "The manifests of the conformance suite are not on this machine (../shared/fixtures/gateway-api-conformance).";

    /// <summary>The folder; null where it is absent.</summary>
    public static string? Folder()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var candidate = Path.Combine(folder, "shared", "fixtures", "gateway-api-conformance");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}
