using Polygate.Dialects.Ambassador.Resources;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.Ambassador;

/// <summary>Says of a Module which of its settings have no effect.</summary>
internal static class ModuleCheck
{
    private static readonly HashSet<string> Served = new(StringComparer.Ordinal)
    {
        "cluster_request_timeout_ms", "cors", "default_labels", "defaults", "ip_allow", "ip_deny", "retry_policy",
        "use_ambassador_namespace_for_service_resolution",
        // What the engine does anyway, or what concerns Ambassador's own process.
        "admin_port", "debug_mode", "diag_port", "diagnostics", "enable_ipv4", "envoy_validation_timeout", "liveness_probe", "readiness_probe",
        "regex_max_size", "regex_type", "strip_matching_host_port", "use_remote_address",
    };

    public static void Check(Resource<AmbassadorModule> module, TranslationContext context)
    {
        if (module.Name != "ambassador")
        {
            context.Warning("not-read", "Only the Module named ambassador is read.");
            return;
        }

        foreach (var name in (module.Value.Spec.Config ?? new Dictionary<string, System.Text.Json.JsonElement>()).Keys.Where(name => !Served.Contains(name)))
        {
            context.Warning("unsupported-field", $"{name} is not supported yet and has no effect.", "spec.config." + name);
        }
    }
}
