using System.Net;
using Polygate.Dialects.Common;
using Polygate.Dialects.Pipeline;
using Polygate.Dialects.Traefik.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Streams;

/// <summary>What the MiddlewareTCPs of a route restrict; one that is not to be had lets nobody in.</summary>
/// <param name="AllowClients">Networks that may connect; empty for everyone.</param>
/// <param name="MaxConnectionsPerClient">0 for no limit.</param>
/// <param name="IsRefused">Whether nobody may connect.</param>
internal sealed record TcpMiddlewares(ValueList<string> AllowClients, int MaxConnectionsPerClient, bool IsRefused)
{
    /// <summary>The middlewares of a route together.</summary>
    public static TcpMiddlewares Read(
        TranslationContext context, TraefikOptions options, IReadOnlyList<ObjectReference>? references, string ns, Findings findings, string field)
    {
        var all = new TcpMiddlewares([], 0, false);
        for (var i = 0; i < (references?.Count ?? 0); i++)
        {
            var place = $"{field}[{i}]";
            bool Exists(string otherNamespace, string name) => TraefikObjects.MiddlewareTcp(context, otherNamespace, name) is not null;
            if (References.Resolve(references![i], ns, options, Exists, findings, place) is not { } target)
            {
                return all with { IsRefused = true };
            }

            if (TraefikObjects.MiddlewareTcp(context, target.Namespace, target.Name) is not { } middleware)
            {
                findings.Error("missing-middleware", $"The MiddlewareTCP {target.Namespace}/{target.Name} does not exist: connections are closed.", place);
                return all with { IsRefused = true };
            }

            var own = new Findings(context, middleware.Resource);
            var one = Of(middleware, own);
            if (own.Failed)
            {
                findings.Error("broken-middleware", $"The MiddlewareTCP {target.Namespace}/{target.Name} has an error: connections are closed.", place);
                return all with { IsRefused = true };
            }

            if (!one.AllowClients.IsEmpty && !all.AllowClients.IsEmpty)
            {
                findings.Error("unsupported-field", "A second list of addresses is not supported yet: connections are closed.", place);
                return all with { IsRefused = true };
            }

            all = new TcpMiddlewares(
                one.AllowClients.IsEmpty ? all.AllowClients : one.AllowClients,
                Smaller(all.MaxConnectionsPerClient, one.MaxConnectionsPerClient),
                false);
        }

        return all;
    }

    /// <summary>One MiddlewareTCP; an error means that it must not be used.</summary>
    public static TcpMiddlewares Of(Found<MiddlewareTcpSpec> middleware, Findings findings)
    {
        var spec = middleware.Spec;
        var (list, name) = spec.IpAllowList is { } allow ? (allow, "ipAllowList") : (spec.IpWhiteList, "ipWhiteList");
        var networks = list?.SourceRange ?? [];
        if (list is not null && networks.Count == 0)
        {
            findings.Error("missing-field", $"spec.{name}.sourceRange is required.", $"spec.{name}.sourceRange");
        }

        for (var i = 0; i < networks.Count; i++)
        {
            if (!IPAddress.TryParse(networks[i], out _) && !IPNetwork.TryParse(networks[i], out _))
            {
                findings.Error("invalid-network", $"'{networks[i]}' is neither an IP address nor a network in CIDR notation.", $"spec.{name}.sourceRange[{i}]");
            }
        }

        if (list is null && spec.InFlightConn is null)
        {
            findings.Error("unknown-middleware", "The MiddlewareTCP says nothing that this gateway knows.", "spec");
        }

        if (spec.InFlightConn is { Amount: not (> 0 and <= int.MaxValue) })
        {
            findings.Error("invalid-value", "spec.inFlightConn.amount must be 1 or more.", "spec.inFlightConn.amount");
        }

        return new TcpMiddlewares(networks.ToValueList(), (int)Math.Clamp(spec.InFlightConn?.Amount ?? 0, 0, int.MaxValue), findings.Failed);
    }

    private static int Smaller(int left, int right) => left == 0 ? right : right == 0 ? left : Math.Min(left, right);
}
