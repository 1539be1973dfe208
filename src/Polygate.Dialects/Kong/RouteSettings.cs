using Polygate.Dialects.Common;
using Polygate.Dialects.Kong.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Kong;

/// <summary>
/// What the routes of an Ingress have in common: the ingress controller's defaults, then the <c>route</c> section of its
/// KongIngress, then its annotations.
/// </summary>
internal sealed record RouteSettings
{
    private static readonly string[] HttpProtocols = ["http", "https", "grpc", "grpcs", "ws", "wss"];

    private static readonly string[] StreamProtocols = ["tls", "tcp", "udp", "tls_passthrough"];

    /// <summary>Upper case; empty for every method.</summary>
    public IReadOnlyList<string> Methods { get; private init; } = [];

    public IReadOnlyDictionary<string, IReadOnlyList<string>> Headers { get; private init; } = new Dictionary<string, IReadOnlyList<string>>();

    public IReadOnlyList<string> Protocols { get; private init; } = ["http", "https"];

    public IReadOnlyList<HostPattern> HostAliases { get; private init; } = [];

    public IReadOnlyList<HostPattern> ServerNames { get; private init; } = [];

    public int RegexPriority { get; private init; }

    public bool StripPath { get; private init; }

    public bool PreserveHost { get; private init; } = true;

    /// <summary>The answer to plaintext requests of a TLS-only route: 426, or a redirect.</summary>
    public int HttpsRedirectStatus { get; private init; } = 426;

    public string RegexPrefix { get; private init; } = "/~";

    /// <summary>Whether plaintext requests are forwarded.</summary>
    public bool AllowsPlaintext => Protocols.Any(protocol => protocol is "http" or "grpc" or "ws");

    /// <summary>Whether TLS requests are forwarded.</summary>
    public bool AllowsTls => Protocols.Any(protocol => protocol is "https" or "grpcs" or "wss");

    public static RouteSettings Read(RouteSection? section, string? forceTls, KongAnnotations annotations, Findings findings)
    {
        var defaults = new RouteSettings();
        var protocols = ReadProtocols(annotations.List("protocols") ?? section?.Protocols, findings) ?? defaults.Protocols;
        var status = annotations.Number("https-redirect-status-code", 301, findings) ?? section?.HttpsRedirectStatusCode;
        if (forceTls == "true")
        {
            protocols = protocols.Any(protocol => protocol.StartsWith("grpc", StringComparison.Ordinal)) ? ["grpcs"] : ["https"];
            status = 302;
        }

        Unsupported(section, annotations, findings);
        var isGrpc = protocols.Any(protocol => protocol.StartsWith("grpc", StringComparison.Ordinal));
        return new RouteSettings
        {
            Methods = ReadMethods(annotations.List("methods") ?? section?.Methods, findings),
            Headers = annotations.Headers() is { Count: > 0 } written ? written : section?.Headers ?? defaults.Headers,
            Protocols = protocols,
            HostAliases = ReadHosts(annotations.List("host-aliases"), "host-aliases", findings),

            // An empty annotation clears what the KongIngress says.
            ServerNames = ReadHosts(annotations.Raw("snis") is { } names ? names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : section?.Snis, "snis", findings),
            RegexPriority = (int)Math.Min(int.MaxValue, annotations.Number("regex-priority", int.MinValue, findings) ?? section?.RegexPriority ?? 0),

            // Kong does not strip the path of gRPC requests.
            StripPath = !isGrpc && (annotations.Flag("strip-path", findings) ?? section?.StripPath ?? false),
            PreserveHost = annotations.Flag("preserve-host", findings) ?? section?.PreserveHost ?? true,
            HttpsRedirectStatus = status is 301 or 302 or 307 or 308 or 426 ? (int)status : Invalid(status, findings),
            RegexPrefix = annotations.Text("regex-prefix") ?? defaults.RegexPrefix,
        };
    }

    private static int Invalid(long? status, Findings findings)
    {
        if (status is not null)
        {
            findings.Warning(
                "invalid-status", "The status for plaintext requests is 301, 302, 307, 308 or 426; 426 is used.", KongAnnotations.Field("https-redirect-status-code"));
        }

        return 426;
    }

    private static void Unsupported(RouteSection? section, KongAnnotations annotations, Findings findings)
    {
        if ((annotations.Text("path-handling") ?? section?.PathHandling) is { } handling && handling != "v0")
        {
            findings.Warning("unsupported-field", "Only path handling v0 is supported, as in Kong's default router.", KongAnnotations.Field("path-handling"));
        }

        var buffers = (annotations.Flag("request-buffering", findings) ?? section?.RequestBuffering) == true
            || (annotations.Flag("response-buffering", findings) ?? section?.ResponseBuffering) == true;
        if (buffers)
        {
            findings.Info("no-effect", "Bodies are streamed, not buffered.", KongAnnotations.Field("request-buffering"));
        }
    }

    /// <summary>Null when none is named; stream protocols are reported.</summary>
    private static IReadOnlyList<string>? ReadProtocols(IReadOnlyList<string>? protocols, Findings findings)
    {
        var known = (protocols ?? []).Select(protocol => protocol.ToLowerInvariant()).Distinct().ToList();
        foreach (var protocol in known.Where(protocol => !HttpProtocols.Contains(protocol)))
        {
            findings.Error(
                "unsupported-protocol",
                StreamProtocols.Contains(protocol)
                    ? $"Routes of the protocol {protocol} are not supported yet and not served."
                    : $"There is no protocol {protocol}.",
                KongAnnotations.Field("protocols"));
        }

        known.RemoveAll(protocol => !HttpProtocols.Contains(protocol));

        // Mixed, they are plain HTTP.
        var mixed = known.Exists(protocol => protocol is "http" or "https") && known.Exists(protocol => protocol is "grpc" or "grpcs");
        return mixed ? ["http", "https"] : protocols is null || known.Count == 0 && protocols.Count == 0 ? null : known;
    }

    /// <summary>One that is not a method voids the list.</summary>
    private static IReadOnlyList<string> ReadMethods(IReadOnlyList<string>? methods, Findings findings)
    {
        var upper = (methods ?? []).Select(method => method.Trim().ToUpperInvariant()).Distinct().ToList();
        if (upper.TrueForAll(method => method.Length > 0 && method.All(char.IsAsciiLetterUpper)))
        {
            return upper;
        }

        findings.Warning("invalid-methods", "One of the methods is not one, which voids the list: every method matches.", KongAnnotations.Field("methods"));
        return [];
    }

    /// <summary>One that is not a host voids the list.</summary>
    private static IReadOnlyList<HostPattern> ReadHosts(IReadOnlyList<string>? hosts, string key, Findings findings)
    {
        var parsed = (hosts ?? []).Select(KongHosts.Parse).ToList();
        if (!parsed.Contains(null))
        {
            return [.. parsed.Select(host => host!.Value)];
        }

        findings.Warning("invalid-host", "One of the hosts is not one, which voids the list.", KongAnnotations.Field(key));
        return [];
    }
}
