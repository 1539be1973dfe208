using Polygate.Dialects;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Sources;
using Polygate.Logging;
using Polygate.Proxy;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Listening;
using Polygate.Running;

namespace Polygate;

/// <summary>Where the parts of the program are put together.</summary>
internal static class Composition
{
    /// <summary>Every dialect that this program speaks.</summary>
    public static IReadOnlyList<IDialect> Dialects { get; } = AllDialects.Create();

    /// <summary>The dialects of these names, or all of them when none is named.</summary>
    public static IReadOnlyList<IDialect> DialectsNamed(IReadOnlyCollection<string> names, DialectSettings? settings = null)
    {
        var all = settings is null ? Dialects : AllDialects.Create(settings);
        return names.Count == 0 ? all : [.. all.Where(dialect => names.Contains(dialect.Name))];
    }

    /// <summary>The proxy as this installation wants it.</summary>
    public static ProxyOptions ProxyOptions(RunSettings settings, IAccessLog? accessLog, ProgramLog log) => new()
    {
        Loops = settings.Loops,
        Transport = settings.Transport,
        TrustedProxies = settings.TrustedProxies,
        Forwarded = settings.Forwarded,
        Upstream = new UpstreamOptions { RefusesLocalAddresses = settings.RefusesLocalBackends },
        Listeners = new ListenerOptions { MapEndPoint = settings.Ports.EndPointFor, Report = log.Write },
        AccessLog = accessLog,
        CountsByMethodAndStatus = settings.TellsNginxMetrics,
        ReportBackend = message => log.Write(LogLevel.Warning, message),
        ReportHeld = message => log.Write(LogLevel.Warning, message),
        Report = (message, exception) => log.Write(LogLevel.Error, message, ("exception", exception?.ToString())),
    };

    /// <summary>Reads what some dialects, and the gateway itself, need.</summary>
    public static ManifestReader Reader(IEnumerable<IDialect> dialects) =>
        new(CoreTypes.All.Concat(dialects.SelectMany(dialect => dialect.ResourceTypes)));
}
