using Polygate.Dialects.Gloo.Resources;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.Gloo;

/// <summary>Says of Settings what is not served.</summary>
internal static class SettingsCheck
{
    public static void Check(Resource<Settings> settings, TranslationContext context)
    {
        var findings = new Findings(context);
        if (settings.Namespace != GlooSettings.ControllerNamespace || settings.Name != "default")
        {
            findings.Warn("not-read", $"Only the Settings {GlooSettings.ControllerNamespace}/default are read.", "");
            findings.WriteStatus();
            return;
        }

        var spec = settings.Value.Spec;
        findings.Fields(SettingsSpec.Fields, spec, "spec");
        findings.Fields(GatewaySettings.Fields, spec.Gateway, "spec.gateway");
        findings.Fields(ControlPlaneSettings.Fields, spec.Gloo, "spec.gloo");
        findings.Unsupported(spec.Discovery?.FdsMode is not null, "spec.discovery.fdsMode");
        findings.Unsupported(spec.Discovery?.FdsOptions is not null, "spec.discovery.fdsOptions");
        if (spec.Rbac?.RequireRbac == true)
        {
            findings.Refuse("unsupported-field", "RBAC is not supported yet, and the settings require it: every route answers 503.", "spec.rbac.requireRbac");
        }

        findings.WriteStatus();
    }
}
