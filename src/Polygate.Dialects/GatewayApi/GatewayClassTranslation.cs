using System.Text.Json.Nodes;
using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Features;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Dialects.GatewayApi.Status;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.GatewayApi;

/// <summary>Says in a GatewayClass's status whether it is accepted and which features its Gateways have.</summary>
internal static class GatewayClassTranslation
{
    /// <summary>Keeps a class from being deleted while Gateways use it (GatewayClassFinalizerGatewaysExist).</summary>
    private const string Finalizer = "gateway-exists-finalizer.gateway.networking.k8s.io";

    private const string RouteDefinition = "httproutes.gateway.networking.k8s.io";

    private const string Definition = "gatewayclasses.gateway.networking.k8s.io";

    public static void Run(TranslationContext context, GatewayApiOptions options, Resource<GatewayClass> gatewayClass)
    {
        if (!GatewayClasses.IsOurs(gatewayClass.Value, options))
        {
            return;
        }

        var rejection = GatewayClasses.Rejection(gatewayClass.Value);
        var version = VersionProblem(context);
        foreach (var problem in new[] { rejection, version }.OfType<Problem>())
        {
            context.Report(problem);
        }

        var conditions = Condition.ToJson(
            [
                Condition.Of("Accepted", "Accepted", "The GatewayClass is accepted.", rejection),
                Condition.Of("SupportedVersion", "SupportedVersion", "The installed version of the Gateway API is supported.", version),
            ],
            gatewayClass);
        // Where the definitions lack the fields of a feature, nobody can use it.
        var isStandard = context.Get<CustomResourceDefinition>("", RouteDefinition)?.Annotation(CustomResourceDefinition.Channel) == "standard";
        var absent = GatewayApiFeatures.All.Where(feature => (isStandard && feature.NeedsExperimentalChannel) || (!options.MakesServices && feature.NeedsServices))
            .Select(feature => feature.Name);
        var features = new JsonArray([.. GatewayApiFeatures.Supported.Except(absent, StringComparer.Ordinal).Select(feature => new JsonObject { ["name"] = feature })]);
        context.SetStatus(gatewayClass, new JsonObject { ["conditions"] = conditions, ["supportedFeatures"] = features });
        context.SetFinalizer(gatewayClass, Finalizer, context.Find(GatewayApiIndexes.GatewaysByClass, gatewayClass.Name).Count > 0);
    }

    /// <summary>
    /// Versions v1.0 to v1.6 are known; others are served as far as they are understood ("best effort"), with this said. A folder has no
    /// definitions and is read as the newest.
    /// </summary>
    private static Problem? VersionProblem(TranslationContext context)
    {
        if (context.Get<CustomResourceDefinition>("", Definition) is not { } definition)
        {
            return null;
        }

        var version = definition.Annotation(CustomResourceDefinition.BundleVersion) ?? "";
        return IsKnown(version) ? null : new Problem(
            "UnsupportedVersion", $"The version \"{version}\" of the Gateway API is installed; v1.0 to v1.6 are supported.", "spec.controllerName");
    }

    private static bool IsKnown(string version)
    {
        var numbers = version.TrimStart('v').Split('-', 2)[0].Split('.');
        return numbers.Length >= 2 && numbers[0] == "1" && int.TryParse(numbers[1], out var minor) && minor is >= 0 and <= 6;
    }
}
