using Polygate.Dialects.Common;
using Polygate.Dialects.Pipeline;
using Polygate.Dialects.Traefik.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Streams;

/// <summary>Translates one IngressRouteUDP. A UDP entry point has one router: of several the first by name is served.</summary>
internal static class IngressRouteUdpTranslation
{
    /// <summary>How long Traefik keeps a silent session (<c>udp.timeout</c> of an entry point).</summary>
    private static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(3);

    public static void Translate(TranslationContext context, TraefikOptions options, IngressRouteUdpSpec spec)
    {
        var findings = new Findings(context, context.Root);
        var entryPoints = RouterBinding.UdpEntryPoints(options, spec.EntryPoints, findings, "spec.entryPoints");
        if (entryPoints.Count == 0)
        {
            return;
        }

        foreach (var entryPoint in entryPoints)
        {
            context.Add(new Listener(Key(entryPoint), ListenerProtocol.Udp, context.Origin("spec.entryPoints")));
        }

        if (spec.Routes is not { Count: > 0 })
        {
            findings.Warning("no-routes", "There are no routes.", "spec.routes");
        }

        var group = context.Root.Type.Group == TraefikTypes.LegacyGroup ? "." + TraefikTypes.LegacyGroup : "";
        for (var i = 0; i < (spec.Routes?.Count ?? 0); i++)
        {
            var field = $"spec.routes[{i}]";
            var match = new StreamMatch(HostPattern.Any, [], new RoutePrecedence([], $"{context.Root.FullName}/{i:D4}"));
            context.Add(new StreamRoute(
                $"traefik/IngressRouteUDP{group}/{context.Root.FullName}/{i}",
                context.Origin(field),
                IngressRouteTranslation.Scope,
                context.Root.Created,
                entryPoints.Select(entryPoint => new StreamBinding(Key(entryPoint), HostPattern.Any, [match])).ToValueList(),
                new StreamServices(context, options, findings).Udp(spec.Routes![i].Services, field + ".services"))
            {
                IdleTimeout = SessionTimeout,
            });
        }
    }

    private static ListenerKey Key(EntryPoint entryPoint) => new(entryPoint.Port, IsUdp: true);
}
