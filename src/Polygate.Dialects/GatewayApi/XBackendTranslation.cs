using System.Text.Json.Nodes;
using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Backends;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Dialects.GatewayApi.Status;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.GatewayApi;

/// <summary>Says in an XBackend's status whether it can be reached, once for each Gateway whose routes send requests to it.</summary>
internal sealed class XBackendTranslation
{
    // XBackendStatus, "parents": at most 32.
    private const int MostParents = 32;

    private readonly TranslationContext context;
    private readonly GatewayApiOptions options;
    private readonly Resource<XBackend> backend;

    public XBackendTranslation(TranslationContext context, GatewayApiOptions options, Resource<XBackend> backend)
    {
        this.context = context;
        this.options = options;
        this.backend = backend;
    }

    public void Run()
    {
        var outcome = ExternalBackends.Read(context, backend, context.RefusesLocalBackends);
        foreach (var problem in new[] { outcome.Rejection, outcome.Unresolved }.OfType<Problem>())
        {
            context.Report(problem);
        }

        if (backend.Value.Spec.Tls is null or { Mode: "None" })
        {
            context.Info("insecure", "Requests to a host outside of the cluster go there in cleartext.", "spec.tls");
        }

        var key = GatewayApiIndexes.BackendKey(GatewayApiTypes.ExperimentalGroup, "XBackend", backend.Namespace, backend.Name)!;
        var parents = new JsonArray();
        foreach (var gateway in BackendAncestors.Of(context, options, [key]).Take(MostParents))
        {
            parents.Add((JsonNode)new JsonObject
            {
                ["parentRef"] = BackendAncestors.Reference(gateway),
                ["controllerName"] = options.ControllerName,
                ["conditions"] = Condition.ToJson(
                    [
                        Condition.Of("Accepted", "Accepted", "Requests are sent to it.", outcome.Rejection),
                        Condition.Of("ResolvedRefs", "ResolvedRefs", "All references are resolved.", outcome.Unresolved),
                    ],
                    backend),
            });
        }

        if (parents.Count > 0)
        {
            context.SetStatus(backend, new JsonObject { ["parents"] = parents });
        }
    }
}
