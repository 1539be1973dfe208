using System.Text.Json.Nodes;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx.Migration.Manifests;

/// <summary>The filters of a route as those of a rule, the groups of its policy, and what neither can say.</summary>
internal sealed class RuleFilters
{
    private readonly Route route;
    private readonly NginxIngress? ingress;
    private readonly PathForms paths;
    private readonly bool withPolicies;
    private readonly HeaderFields request = new();
    private readonly HeaderFields response = new();
    private readonly List<JsonObject> others = [];
    private readonly JsonObject rewrite = [];

    /// <param name="route">The route.</param>
    /// <param name="ingress">What it was made from; null for what the controller itself serves.</param>
    /// <param name="paths">How paths are written.</param>
    /// <param name="withPolicies">Whether there are policies.</param>
    public RuleFilters(Route route, NginxIngress? ingress, PathForms paths, bool withPolicies)
    {
        this.route = route;
        this.ingress = ingress;
        this.paths = paths;
        this.withPolicies = withPolicies;
        foreach (var filter in route.Filters)
        {
            Add(filter);
        }
    }

    /// <summary>What is not said.</summary>
    public List<NotExpressed> Missing { get; } = [];

    /// <summary>The groups of the policy.</summary>
    public JsonObject Groups { get; } = [];

    /// <summary>The filters of the rule.</summary>
    /// <param name="redirects">Whether it redirects: then the backend's side of things is nobody's.</param>
    public IEnumerable<JsonObject> Filters(bool redirects)
    {
        var backend = redirects ? [] : new[] { request.Filter("RequestHeaderModifier"), rewrite.Count == 0 ? null : new JsonObject { ["type"] = "URLRewrite", ["urlRewrite"] = rewrite.DeepClone() } };
        return [.. backend.OfType<JsonObject>(), .. new[] { response.Filter("ResponseHeaderModifier") }.OfType<JsonObject>(), .. others.Select(filter => filter.DeepClone().AsObject())];
    }

    private void Add(Filter filter)
    {
        switch (filter)
        {
            case RequestHeaderFilter { Changes: var changes } when request.Add(changes):
            case ResponseHeaderFilter { Changes: var answers } when response.Add(answers):
            case RedirectToTlsFilter:
                break;
            case RequestHeaderTemplateFilter { Set: var set } when set.All(header => header.Name is "X-Scheme" or "X-Forwarded-Scheme"):
                break;
            case RewriteFilter changes:
                Rewrite(changes);
                break;
            case CorsFilter cors:
                Cors(cors);
                break;
            case BodyLimitFilter limit:
                Group("limits", new JsonObject { ["bodyBytes"] = limit.MaximumBytes }, "the limit of bodies (proxy-body-size)");
                break;
            case CompressionFilter compression:
                Group(
                    "compression",
                    new JsonObject
                    {
                        ["codings"] = Json.Texts(compression.Codings.Select(coding => coding == ContentCoding.Brotli ? "br" : "gzip")),
                        ["types"] = Json.Texts(compression.Types),
                        ["minBytes"] = compression.MinimumBytes,
                    },
                    "compression");
                break;
            case RateLimitFilter limit:
                RateLimit(limit);
                break;
            case AddressAccessFilter addresses:
                Addresses(addresses);
                break;
            case BasicAuthenticationFilter basic:
                Passwords(basic);
                break;
            default:
                Say(filter);
                break;
        }
    }

    /// <summary>What there are no words for.</summary>
    private void Say(Filter filter)
    {
        var (what, withholds) = filter switch
        {
            ConcurrencyLimitFilter => ("the limit of connections (limit-connections)", false),
            BandwidthLimitFilter => ("the limit of bandwidth (limit-rate, limit-rate-after)", false),
            CookieRewriteFilter => ("changes of the backend's cookies (proxy-cookie-…)", false),
            LocationRewriteFilter => ("changes of the backend's redirects (proxy-redirect-…)", false),
            MirrorFilter => ("copies of requests to an address (mirror-target)", false),
            ErrorPagesFilter => ("pages for errors (custom-http-errors, disable-proxy-intercept-errors)", false),
            RequestHeaderFilter or ResponseHeaderFilter or RequestHeaderTemplateFilter => ("headers with variables or conditions", false),
            ClientCertificateFilter => ("certificates of clients for this host alone (auth-tls-…)", true),
            ExternalAuthorizationFilter => ("the authentication service (auth-url, auth-…): an ExternalAuth filter asks it for the path of the request below its own", true),
            DigestAuthenticationFilter => ("digest authentication (auth-type)", true),
            AnyOfFilter => ("that one of several ways in is enough (satisfy)", true),
            RefuseFilter refusal => ($"that requests are refused ({refusal.Status})", true),
            _ => (filter.GetType().Name.Replace("Filter", "", StringComparison.Ordinal), true),
        };
        Miss(what, withholds);
    }

    private void Rewrite(RewriteFilter filter)
    {
        if (filter.Host is { } host)
        {
            rewrite["hostname"] = host;
        }

        switch (filter.Path)
        {
            case null:
                break;
            case RegexRewrite expression when paths.Rewritten(route, expression) is { } path:
                rewrite["path"] = path;
                break;
            default:
                Miss("the rewrite with captures (rewrite-target)", withholds: true);
                break;
        }
    }

    /// <summary>Origins have become expressions; they are written again as the annotation has them.</summary>
    private void Cors(CorsFilter cors)
    {
        var origins = cors.AllowOrigins.Concat(cors.AllowOriginPatterns.Select(Origin));
        var filter = new JsonObject { ["allowOrigins"] = Json.Texts(origins), ["allowMethods"] = Json.Texts(cors.AllowMethods), ["allowHeaders"] = Json.Texts(cors.AllowHeaders) };
        if (!cors.ExposeHeaders.IsEmpty)
        {
            filter["exposeHeaders"] = Json.Texts(cors.ExposeHeaders);
        }

        if (cors.AllowCredentials)
        {
            filter["allowCredentials"] = true;
        }

        filter["maxAge"] = Math.Max(1, cors.MaxAge ?? 1);
        others.Add(new JsonObject { ["type"] = "CORS", ["cors"] = filter });
        Miss("CORS headers in answers to requests without an origin, and a literal * beside credentials (enable-cors): clients that are browsers see no difference", withholds: false);

        static string Origin(string pattern) => pattern["(?i)^".Length..^1].Replace("[A-Za-z0-9-]+", "*", StringComparison.Ordinal).Replace("\\", "", StringComparison.Ordinal);
    }

    private void RateLimit(RateLimitFilter limit)
    {
        var group = new JsonObject
        {
            ["requests"] = (int)limit.Requests,
            ["interval"] = limit.Period == TimeSpan.FromMinutes(1) ? "1m" : "1s",
            ["burst"] = Math.Min(limit.Burst, 1_000_000),
        };
        if (!limit.Exempt.IsEmpty)
        {
            group["exempt"] = Json.Texts(limit.Exempt);
        }

        if (Group("rateLimit", group, "the limit of requests (limit-rps, limit-rpm)") && limit.RejectStatus != 429)
        {
            Miss($"status {limit.RejectStatus} of requests beyond the limit: it is 429", withholds: false);
        }
    }

    /// <summary>Several lists become one where that says the same: all that is denied, and one list of who is allowed.</summary>
    private void Addresses(AddressAccessFilter addresses)
    {
        const string What = "which addresses may pass (allowlist-source-range, denylist-source-range)";
        if (!withPolicies || addresses.RejectStatus != 403)
        {
            Miss(What, withholds: true);
            return;
        }

        var group = Groups["addresses"] as JsonObject ?? [];
        if (!addresses.Allow.IsEmpty && group.ContainsKey("allow"))
        {
            Miss(What, withholds: true);
            return;
        }

        if (!addresses.Allow.IsEmpty)
        {
            group["allow"] = Json.Texts(addresses.Allow);
        }

        if (!addresses.Deny.IsEmpty)
        {
            group["deny"] = Json.Texts([.. (group["deny"] as JsonArray ?? []).Select(item => item!.GetValue<string>()), .. addresses.Deny]);
        }

        Groups["addresses"] = group;
    }

    private void Passwords(BasicAuthenticationFilter basic)
    {
        if (ingress?.Access.Passwords is not { IsMap: false, IsDigest: false, Secret: var secret })
        {
            Miss("passwords (auth-type) of a Secret with a key for each user; a policy wants one of lines", withholds: true);
            return;
        }

        var group = new JsonObject { ["secretRef"] = new JsonObject { ["name"] = secret } };
        if (basic.Realm.Length > 0)
        {
            group["realm"] = basic.Realm;
        }

        Group("authentication", new JsonObject { ["basic"] = group }, "passwords (auth-type)", withholds: true);
    }

    /// <summary>Adds a group to the policy; a second one of its kind, and any without policies, is missing.</summary>
    private bool Group(string name, JsonObject group, string what, bool withholds = false)
    {
        if (!withPolicies || Groups.ContainsKey(name))
        {
            Miss(what, withholds);
            return false;
        }

        Groups[name] = group;
        return true;
    }

    private void Miss(string what, bool withholds) => Missing.Add(new NotExpressed(route.Origin, what, withholds));
}
