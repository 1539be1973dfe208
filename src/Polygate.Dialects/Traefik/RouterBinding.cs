using Polygate.Dialects.Common;
using Polygate.Dialects.Pipeline;
using Polygate.Model;

namespace Polygate.Dialects.Traefik;

/// <summary>
/// The entry points that a router is served on. With <c>tls</c> it answers TLS connections only; without, the plaintext
/// entry points and those that speak TLS by themselves.
/// </summary>
internal static class RouterBinding
{
    /// <summary>The entry points; empty after a report when none is left.</summary>
    /// <param name="options">The installation's options.</param>
    /// <param name="names">The names written; null or empty for the default ones.</param>
    /// <param name="tls">Whether the router has <c>tls</c>.</param>
    /// <param name="findings">Where to report.</param>
    /// <param name="field">The field of the names.</param>
    public static IReadOnlyList<EntryPoint> EntryPoints(
        TraefikOptions options, IReadOnlyList<string>? names, bool tls, Findings findings, string field)
    {
        if (names is not { Count: > 0 })
        {
            return [.. options.EntryPoints.Where(entryPoint => entryPoint is { IsDefault: true, IsUdp: false } && (entryPoint.Tls || !tls))];
        }

        var found = new List<EntryPoint>();
        for (var i = 0; i < names.Count; i++)
        {
            var entryPoint = options.EntryPoints.FirstOrDefault(candidate => candidate.Name == names[i]);
            if (entryPoint is null)
            {
                findings.Warning("unknown-entry-point", $"There is no entry point {names[i]}.", $"{field}[{i}]");
            }
            else if (entryPoint.IsUdp)
            {
                findings.Warning("udp-entry-point", $"The entry point {names[i]} is for UDP.", $"{field}[{i}]");
            }
            else if (tls && !entryPoint.Tls)
            {
                findings.Warning(
                    "plain-entry-point", $"The entry point {names[i]} speaks no TLS, and routes with tls are served over TLS only.", $"{field}[{i}]");
            }
            else if (!found.Contains(entryPoint))
            {
                found.Add(entryPoint);
            }
        }

        if (found.Count == 0)
        {
            findings.Error("no-entry-point", "No entry point is left: the routes are not served.", field);
        }

        return found;
    }

    /// <summary>The UDP entry points; empty after a report when none is left.</summary>
    public static IReadOnlyList<EntryPoint> UdpEntryPoints(TraefikOptions options, IReadOnlyList<string>? names, Findings findings, string field)
    {
        var all = options.EntryPoints.Where(entryPoint => entryPoint.IsUdp);
        var found = names is { Count: > 0 }
            ? all.Where(entryPoint => names.Contains(entryPoint.Name)).ToList()
            : all.Where(entryPoint => entryPoint.IsDefault).ToList();
        for (var i = 0; i < (names?.Count ?? 0); i++)
        {
            if (!found.Exists(entryPoint => entryPoint.Name == names![i]))
            {
                findings.Warning("unknown-entry-point", $"There is no UDP entry point {names![i]}.", $"{field}[{i}]");
            }
        }

        if (found.Count == 0)
        {
            findings.Error("no-entry-point", "No UDP entry point is left: nothing is served.", field);
        }

        return found;
    }

    /// <summary>Opens the listeners of the entry points.</summary>
    public static void Listen(TranslationContext context, IReadOnlyList<EntryPoint> entryPoints, string field)
    {
        foreach (var entryPoint in entryPoints)
        {
            context.Add(new Listener(
                new ListenerKey(entryPoint.Port), entryPoint.Tls ? ListenerProtocol.Https : ListenerProtocol.Http, context.Origin(field)));
        }
    }

    /// <summary>The matches on each of the entry points. All of Traefik's routers compete, so none claims a virtual host.</summary>
    public static ValueList<RouteBinding> Bind(IReadOnlyList<EntryPoint> entryPoints, ValueList<RouteMatch> matches) =>
        entryPoints.Select(entryPoint => new RouteBinding(new ListenerKey(entryPoint.Port), HostPattern.Any, matches)).ToValueList();
}
