using System.Collections.Frozen;
using k8s.Models;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx.Configuration;

/// <summary>What the controller's ConfigMap says: options with its keys taken in, and what is wrong in it.</summary>
/// <param name="Options">The installation's options with the ConfigMap's.</param>
/// <param name="Problems">Each key with what is wrong about it.</param>
internal sealed record ControllerConfigMap(IngressNginxOptions Options, IReadOnlyList<AnnotationProblem> Problems)
{
    private const string StrictKey = "polygate-strict";
    private static readonly ListenerKey Https = new(443);

    /// <summary>Reads a ConfigMap; a malformed value is reported and leaves the default.</summary>
    public static ControllerConfigMap Read(Resource<V1ConfigMap> map, IngressNginxOptions options)
    {
        var reader = new ConfigMapReader(map.Value.Data ?? new Dictionary<string, string>());
        reader.ReportUnsupported();
        options = Security(reader, options);
        options = Connections(reader, options);
        options = Content(reader, options);
        options = Authentication(reader, options);
        return new ControllerConfigMap(options with { AnnotationDefaults = Defaults(reader), Strict = Strict(reader, options) }, reader.Problems);
    }

    public void Report(TranslationContext context)
    {
        foreach (var problem in Problems)
        {
            var field = $"data.{problem.Annotation}";
            if (problem.Severity == DiagnosticSeverity.Error)
            {
                context.Error(problem.Code, problem.Message, field);
            }
            else if (problem.Severity == DiagnosticSeverity.Warning)
            {
                context.Warning(problem.Code, problem.Message, field);
            }
            else
            {
                context.Info(problem.Code, problem.Message, field);
            }
        }

        if (Options.RejectsUnknownNames)
        {
            context.Add(new Listener(Https, ListenerProtocol.Https, context.Origin("data.ssl-reject-handshake")));
            context.Add(new TlsBinding(Https, HostPattern.Any, [], context.Origin("data.ssl-reject-handshake")) { IsRefused = true });
        }
    }

    private static IngressNginxOptions Security(ConfigMapReader reader, IngressNginxOptions options) => options with
    {
        AllowsSnippets = options.AllowsSnippets || reader.Boolean("allow-snippet-annotations", false),
        RiskLevel = reader.Choice("annotations-risk-level", "Low", "Medium", "High", "Critical") is { } risk ? Enum.Parse<AnnotationRisk>(risk) : options.RiskLevel,
        BlockedWords = [.. options.BlockedWords, .. reader.List("annotation-value-word-blocklist")],
        AllowedResponseHeaders = [.. options.AllowedResponseHeaders, .. reader.List("global-allowed-response-headers")],
        BlockedNetworks = reader.Networks("block-cidrs"),
        BlockedUserAgents = reader.Patterns("block-user-agents"),
        BlockedReferers = reader.Patterns("block-referers"),
        HiddenHeaders =
        [
            .. reader.List("hide-headers"),
            .. reader.Boolean("server-tokens", false) || reader.Boolean("allow-backend-server-header", false) ? (ReadOnlySpan<string>)[] : ["Server"],
        ],
        WantsFirewall = reader.Boolean("enable-modsecurity", false) || reader.Boolean("enable-owasp-modsecurity-crs", false),
    };

    private static IngressNginxOptions Connections(ConfigMapReader reader, IngressNginxOptions options)
    {
        var protocols = (reader.Text("ssl-protocols") ?? "TLSv1.2 TLSv1.3").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var (has12, has13) = (protocols.Contains("TLSv1.2"), protocols.Contains("TLSv1.3"));
        if (protocols.Any(protocol => protocol is not ("TLSv1.2" or "TLSv1.3")) || (!has12 && !has13))
        {
            reader.Warn("ssl-protocols", "Only TLSv1.2 and TLSv1.3 are offered.", "unsupported-field");
        }

        return options with
        {
            MinimumTls = has13 && !has12 ? TlsVersion.Tls13 : TlsVersion.Tls12,
            MaximumTls = has12 && !has13 ? TlsVersion.Tls12 : TlsVersion.Tls13,
            RejectsUnknownNames = reader.Boolean("ssl-reject-handshake", false),
            StrictTransportSecurity = reader.Boolean("hsts", true) ? TransportSecurity(reader) : null,
            RedirectStatus = reader.Number("http-redirect-code", 308, 300, 308),
            NoTlsRedirectLocations = reader.Text("no-tls-redirect-locations") is null ? options.NoTlsRedirectLocations : reader.List("no-tls-redirect-locations"),
            NoAuthLocations = reader.Text("no-auth-locations") is null ? options.NoAuthLocations : reader.List("no-auth-locations"),
            RateLimitStatus = reader.Number("limit-req-status-code", options.RateLimitStatus, 400, 599),
            ConnectionLimitStatus = reader.Number("limit-conn-status-code", options.ConnectionLimitStatus, 400, 599),
        };
    }

    private static string TransportSecurity(ConfigMapReader reader) =>
        $"max-age={reader.Number("hsts-max-age", 31536000, 0, int.MaxValue)}"
        + (reader.Boolean("hsts-include-subdomains", true) ? "; includeSubDomains" : "")
        + (reader.Boolean("hsts-preload", false) ? "; preload" : "");

    private static IngressNginxOptions Content(ConfigMapReader reader, IngressNginxOptions options)
    {
        var gzip = reader.Boolean("use-gzip", false);
        var brotli = reader.Boolean("enable-brotli", false);
        var types = (gzip ? reader.Words("gzip-types") : []).Concat(brotli ? reader.Words("brotli-types") : []).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        return options with
        {
            ResponseHeaderMap = reader.FullName("add-headers"),
            RequestHeaderMap = reader.FullName("proxy-set-headers"),
            TellsOriginalUri = reader.Boolean("proxy-add-original-uri-header", false),
            Compression = !gzip && !brotli ? null : new CompressionFilter
            {
                Codings = gzip && brotli ? [ContentCoding.Brotli, ContentCoding.Gzip] : gzip ? [ContentCoding.Gzip] : [ContentCoding.Brotli],
                Types = types.Count == 0 ? [.. CompressedTypes] : [.. types, "text/html"],
                MinimumBytes = Math.Max(gzip ? reader.Number("gzip-min-length", 256, 0, int.MaxValue) : 0, brotli ? reader.Number("brotli-min-length", 20, 0, int.MaxValue) : 0),
            },
        };
    }

    /// <summary>Keys that have the name of an annotation: they hold where an Ingress does not have it. One that an Ingress could not have is left out.</summary>
    private static FrozenDictionary<string, string> Defaults(ConfigMapReader reader)
    {
        var defaults = new Dictionary<string, string>(StringComparer.Ordinal);
        var keys = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in reader.Entries)
        {
            if (ConfigMapTable.Find(name) is { Support: AnnotationSupport.Supported or AnnotationSupport.Partly } && AnnotationTable.Find(name) is { } annotation)
            {
                defaults[annotation.Name] = value;
                keys[annotation.Name] = name;
            }
        }

        // Whatever an annotation with this value would be refused or ignored for.
        foreach (var problem in NginxIngress.Problems(defaults))
        {
            var annotation = problem.Annotation[AnnotationReader.Prefix.Length..];
            if (keys.TryGetValue(annotation, out var key) && !problem.Code.StartsWith("quirk-", StringComparison.Ordinal))
            {
                reader.Take(problem, key);
                defaults.Remove(annotation);
            }
        }

        if (reader.Boolean("retry-non-idempotent", false))
        {
            defaults["proxy-next-upstream"] = defaults.GetValueOrDefault("proxy-next-upstream", "error timeout") + " non_idempotent";
        }

        return defaults.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>The keys <c>global-auth-…</c> are the annotations <c>auth-…</c> of every Ingress. What is wrong with them closes everything.</summary>
    private static IngressNginxOptions Authentication(ConfigMapReader reader, IngressNginxOptions options)
    {
        var settings = reader.Entries.Where(entry => entry.Name.StartsWith("global-auth-", StringComparison.Ordinal) && entry.Value.Trim().Length > 0)
            .ToDictionary(entry => entry.Name["global-".Length..], entry => entry.Value);
        if (!settings.ContainsKey("auth-url"))
        {
            return options;
        }

        var annotations = AnnotationReader.Of(settings);
        var auth = ExternalAuth.Parse(annotations, "global");
        foreach (var problem in annotations.Problems)
        {
            reader.Take(problem, "global-" + problem.Annotation[AnnotationReader.Prefix.Length..]);
        }

        var isBroken = auth is null || annotations.IsLocationDenied || settings.ContainsKey("auth-snippet");
        return options with { GlobalAuth = auth, WantsFirewall = options.WantsFirewall || isBroken };
    }

    /// <summary>Polygate's own key: the quirks to turn off, or <c>all</c>.</summary>
    private static ValueList<string> Strict(ConfigMapReader reader, IngressNginxOptions options)
    {
        var codes = new List<string>(options.Strict);
        foreach (var code in reader.List(StrictKey))
        {
            if (code == "all")
            {
                codes.AddRange(NginxQuirks.All.Select(quirk => quirk.Code));
            }
            else if (NginxQuirks.Find(code) is not null)
            {
                codes.Add(code);
            }
            else
            {
                reader.Warn(StrictKey, $"There is no quirk {code}.");
            }
        }

        return codes.Distinct().ToValueList();
    }

    private static readonly string[] CompressedTypes =
    [
        "application/atom+xml", "application/javascript", "application/json", "application/rss+xml", "application/vnd.ms-fontobject",
        "application/wasm", "application/x-javascript", "application/x-web-app-manifest+json", "application/xhtml+xml", "application/xml",
        "font/opentype", "image/svg+xml", "image/x-icon", "text/css", "text/html", "text/javascript", "text/plain", "text/x-component",
    ];
}
