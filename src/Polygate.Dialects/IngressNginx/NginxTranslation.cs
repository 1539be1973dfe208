using System.Globalization;
using Polygate.Dialects.Common;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Dialects.IngressNginx.Snippets;
using Polygate.Dialects.Pipeline;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>Translates one Ingress: its hosts with their locations, as a primary or as a canary of others.</summary>
internal sealed class NginxTranslation
{
    public const string Scope = "ingress-nginx";

    private static readonly ListenerKey Http = new(80);
    private static readonly ListenerKey Https = new(443);

    private readonly NginxController controller;
    private readonly NginxIngress ingress;
    private readonly TranslationContext context;
    private readonly LocationServing serving;
    private int routes;

    public NginxTranslation(NginxController controller, NginxIngress ingress, TranslationContext context)
    {
        this.controller = controller;
        this.ingress = ingress;
        this.context = context;
        serving = new LocationServing(context, controller.Options);
    }

    public void Run()
    {
        Report();
        if (ingress.IsIgnored)
        {
            return;
        }

        // Every host is served with and without TLS; a host without a certificate of its own gets the default one.
        context.Add(new Listener(Http, ListenerProtocol.Http, context.Origin()));
        context.Add(new Listener(Https, ListenerProtocol.Https, context.Origin()));
        new NginxTls(ingress, context, controller.Options).RunForUnknownNames(Https);
        NginxQuirkCheck.TellOfTlsRedirect(ingress, context, controller.Options);
        foreach (var name in ingress.Rules.Hosts)
        {
            var host = new NginxHost(name, context, controller.Hosts);
            if (ingress.Canary is not null)
            {
                AddCanary(host);
            }
            else if (ingress.PassesThrough)
            {
                new Passthrough(ingress, context).Run(Https, host);
                AddHost(host);
            }
            else
            {
                AddHost(host);
            }
        }

        if (ingress.Canary is null && ingress.Rules.Rules.Count == 0)
        {
            AddFallback(new NginxHost("", context, controller.Hosts));
        }
    }

    private void Report()
    {
        foreach (var problem in ingress.FoundProblems)
        {
            var field = $"metadata.annotations[{problem.Annotation}]";
            switch (problem.Severity)
            {
                case DiagnosticSeverity.Error:
                    context.Error(problem.Code, problem.Message, field);
                    break;
                case DiagnosticSeverity.Warning:
                    context.Warning(problem.Code, problem.Message, field);
                    break;
                default:
                    context.Info(problem.Code, problem.Message, field);
                    break;
            }
        }

        foreach (var problem in ingress.Rules.Problems)
        {
            context.Error("invalid-field", problem.Message, problem.Field);
        }
    }

    private void AddHost(NginxHost host)
    {
        var before = routes;
        foreach (var path in ingress.PathsOf(host.Name))
        {
            AddPath(host, path);
        }

        if (host.Name.Length > 0 && ReferenceEquals(host.Primaries[0], ingress))
        {
            AddFallback(host);
        }

        if (host.Primaries.FirstOrDefault(other => other.Rewriting.AppRoot is not null) == ingress)
        {
            AddAppRoot(host);
        }

        var toOther = host.Primaries.FirstOrDefault(other => other.Redirects.FromToWww) == ingress && AddWwwRedirect(host);
        if (routes == before)
        {
            ClaimHost(host);
        }

        AddSnippetAnswers(host, "server-snippet", ingress.ServerSnippet, ReferenceEquals(host.Snippet, ingress.ServerSnippet) ? [LocationOrder.BeforeEverything] : []);
        AddBlocks(host);
        if (host.TlsOwner == ingress)
        {
            var counterpart = toOther ? Redirects.Counterpart(host.Name) : null;
            new NginxTls(ingress, context, controller.Options).Run(Https, host, counterpart);
        }
        else if (host.TlsOwner is null && host.ClientCertificates == ingress)
        {
            new NginxTls(ingress, context, controller.Options).RunWithoutCertificate(Https, host);
        }
    }

    /// <summary>User agents and referers that the administrator blocks, on every host.</summary>
    private void AddBlocks(NginxHost host)
    {
        if (!ReferenceEquals(host.Primaries[0], ingress))
        {
            return;
        }

        ValueList<MatchCondition>[] alternatives =
        [
            .. controller.Options.BlockedUserAgents.IsEmpty ? (ReadOnlySpan<ValueList<MatchCondition>>)[] : [[new HeaderCondition("User-Agent", controller.Options.BlockedUserAgents)]],
            .. controller.Options.BlockedReferers.IsEmpty ? (ReadOnlySpan<ValueList<MatchCondition>>)[] : [[new HeaderCondition("Referer", controller.Options.BlockedReferers)]],
        ];
        if (alternatives.Length > 0)
        {
            AddRoute(
                "blocked/" + host.Name, host.Names(), Matches([LocationOrder.BeforeEverything], false, alternatives),
                _ => ([], new DirectResponseAction(403)), "spec.rules");
        }
    }

    /// <summary>What a snippet answers by itself, in the order written, before the location it belongs to.</summary>
    private void AddSnippetAnswers(NginxHost host, string name, Snippet snippet, IEnumerable<Location> locations)
    {
        var places = locations.ToList();
        for (var i = 0; i < snippet.Answers.Count && places.Count > 0; i++)
        {
            var answer = snippet.Answers[i];
            var earlier = places.Select(place => place with { Order = [.. place.Order, i - snippet.Answers.Count] });
            AddRoute($"{name}/{host.Name}/{i}/{routes}", host.Names(), Matches(earlier, isCanary: true, [answer.Conditions]), _ => ([], answer.Action), OwnDiagnostics.Field(name));
        }
    }

    /// <summary>A host without a usable path is a host all the same: what comes to it is not the catch-all's.</summary>
    private void ClaimHost(NginxHost host)
    {
        foreach (var name in host.Names())
        {
            context.Add(new VirtualHost(Scope, Http, name, context.Origin("spec.rules")));
            context.Add(new VirtualHost(Scope, Https, name, context.Origin("spec.rules")));
        }
    }

    private void AddPath(NginxHost host, IngressPath path)
    {
        WarnOfConflict(host, path);
        WarnOfStrictPathType(path);
        WarnOfHostWideRegex(host, path);
        if (host.UsesRegex && !IsUsableRegex(path))
        {
            return;
        }

        var locations = LocationOrder.Of(host, ingress, path, controller.Options).ToList();
        AddSnippetAnswers(host, "configuration-snippet", ingress.LocationSnippet, locations);
        var canary = StickyCanary(host, path, ingress);
        AddRoute(
            path.Field, host.Names(), Matches(locations, isCanary: false, [[]]),
            isTls => (serving.Filters(ingress, path, host, isTls), serving.Answer(ingress, path, host, isTls, canary)));
        if (RedirectsToSlash(host, path))
        {
            if (!controller.Options.IsStrict(NginxQuirks.SlashRedirect))
            {
                context.Warning(NginxQuirks.SlashRedirect.Diagnostic, $"{NginxQuirks.SlashRedirect.Behaviour} {NginxQuirks.SlashRedirect.Clean}", path.Field + ".path");
            }

            AddRoute(
                path.Field + "/slash", host.Names(), Matches([LocationOrder.SlashRedirect(path.Path[..^1])], isCanary: false, [[]]),
                _ => ([], new RedirectAction { Status = 301, Path = new ReplaceFullPath(path.Path) }), path.Field);
        }
    }

    private bool RedirectsToSlash(NginxHost host, IngressPath path) =>
        host is { UsesRegex: false } && path is { Path: ['/', .., '/'] } && !host.HasPrefix(path.Path.TrimEnd('/'))
        && (path.Exact || !controller.Options.IsStrict(NginxQuirks.SlashRedirect));

    /// <summary>The canary of a path whose sessions keep to what they were drawn for; null where the canary draws for itself.</summary>
    private NginxIngress? StickyCanary(NginxHost host, IngressPath path, NginxIngress primary) =>
        primary.Affinity.Cookie is null ? null
        : Claimants(host, path).FirstOrDefault(other => other.Canary is not null) is { Affinity.KeepsToCanary: true, Canary: { Share: > 0 and < 1 } } canary ? canary
        : null;

    /// <summary>
    /// A canary serves the paths of primaries, as these are set up, for the requests its rules choose. Without a primary
    /// it serves nothing; of several only the oldest counts.
    /// </summary>
    private void AddCanary(NginxHost host)
    {
        foreach (var path in ingress.PathsOf(host.Name))
        {
            var claimants = Claimants(host, path);
            var primary = claimants.FirstOrDefault(other => other.Canary is null);
            if (primary is null)
            {
                context.Warning("canary-without-primary", $"No other Ingress has {Describe(host, path)}; this canary serves nothing there.", path.Field);
            }
            else if (claimants.First(other => other.Canary is not null) is var first && first != ingress)
            {
                context.Warning("second-canary", $"{Describe(host, path)} has the canary {first.Resource.FullName} already; this one serves nothing there.", path.Field);
            }
            else if (!host.UsesRegex || IsUsableRegex(path))
            {
                var drawsByWeight = StickyCanary(host, path, primary) != ingress;
                var alternatives = ingress.Canary!.Alternatives($"{Scope}/{ingress.Resource.FullName}", drawsByWeight).ToList();
                var matches = Matches(LocationOrder.Of(host, primary, path, controller.Options), isCanary: true, alternatives);
                if (!matches.IsEmpty)
                {
                    AddRoute(
                        path.Field, host.Names(), matches,
                        isTls => (serving.Filters(primary, path, host, isTls), serving.CanaryAnswer(ingress, primary, path, host, isTls)));
                }
            }
        }
    }

    /// <summary>
    /// What no path of the host matches: the default backend of the host's first Ingress with its annotations, else the administrator's, else 404;
    /// for the catch-all host that of an Ingress without rules.
    /// </summary>
    private void AddFallback(NginxHost host)
    {
        var backend = ingress.Resource.Value.Spec?.DefaultBackend;
        var field = backend is null ? "spec.rules" : "spec.defaultBackend";
        var shared = backend is null ? DefaultServing.Find(context, controller.Options) : null;
        if (backend is null && shared is null && !ingress.Redirects.RedirectsToTls(host.HasTls))
        {
            return;
        }

        var root = new IngressPath("/", Exact: false, backend, field);
        AddRoute(
            host.Name.Length == 0 ? "default" : "default/" + host.Name, host.Names(), Matches([LocationOrder.Fallback], false, [[]]),
            isTls => (serving.Filters(ingress, root, host, isTls), backend is not null ? serving.Answer(ingress, root, host, isTls) : DefaultServing.Answer(context, shared)), field);
    }

    private void AddAppRoot(NginxHost host) => AddRoute(
        "app-root/" + host.Name, host.Names(), Matches([LocationOrder.BeforeLocations("/")], false, [[]]),
        _ => ([], new RedirectAction { Status = 302, Path = new ReplaceFullPath(ingress.Rewriting.AppRoot!), StripQuery = true }),
        OwnDiagnostics.Field("app-root"));

    /// <summary>Redirects the counterpart of the host here, unless it has rules of its own.</summary>
    private bool AddWwwRedirect(NginxHost host)
    {
        var counterpart = Redirects.Counterpart(host.Name);
        if (host.Name.Length == 0 || host.Name[0] == '*' || host.IsConfigured(counterpart))
        {
            return false;
        }

        AddRoute(
            "from-to-www-redirect/" + host.Name, [HostPattern.Exact(counterpart)], Matches([LocationOrder.Fallback], false, [[]]),
            _ => ([], new RedirectAction { Status = controller.Options.RedirectStatus, Host = host.Name }),
            OwnDiagnostics.Field("from-to-www-redirect"));
        return true;
    }

    /// <summary>The matches of locations: canaries go before the primary, and the older Ingress before the younger.</summary>
    private ValueList<RouteMatch> Matches(IEnumerable<Location> locations, bool isCanary, IReadOnlyList<ValueList<MatchCondition>> alternatives)
    {
        var tieBreak = ingress.Resource.FullName + "#" + routes++.ToString("D4", CultureInfo.InvariantCulture);
        return locations
            .SelectMany(location => alternatives.Select(conditions => new RouteMatch(
                HostPattern.Any, location.Path, conditions,
                new RoutePrecedence([.. location.Order, isCanary ? 0 : 1, ingress.Resource.Created], tieBreak))))
            .ToValueList();
    }

    /// <summary>A route on both listeners; two routes where TLS makes a difference.</summary>
    private void AddRoute(
        string id, IEnumerable<HostPattern> hosts, ValueList<RouteMatch> matches, Func<bool, (ValueList<Filter> Filters, RouteAction Action)> serve, string? field = null)
    {
        var names = hosts.ToList();
        var cleartext = serve(false);
        var tls = serve(true);
        if (cleartext == tls)
        {
            Add(id, [Http, Https], cleartext);
        }
        else
        {
            Add(id, [Http], cleartext);
            Add(id + "/tls", [Https], tls);
        }

        void Add(string place, ListenerKey[] listeners, (ValueList<Filter> Filters, RouteAction Action) served)
        {
            var bindings = names.SelectMany(host => listeners.Select(listener => new RouteBinding(listener, host, matches)));
            context.Add(new Route(
                $"{Scope}/{ingress.Resource.FullName}/{place}", context.Origin(field ?? id), Scope, ingress.Resource.Created, bindings.ToValueList(), served.Filters, served.Action));
        }
    }

    private bool IsUsableRegex(IngressPath path)
    {
        var regex = LocationRegex.Check(path.Path);
        if (regex.Problem is not null)
        {
            context.Error("invalid-regex", $"\"{path.Path}\" is not a regular expression: {regex.Problem}", path.Field + ".path");
        }
        else if (!regex.IsLinear)
        {
            context.Warning("backtracking-regex", "Lookaround and back-references do not run in linear time; this expression runs with a time limit.", path.Field + ".path");
        }

        return regex.Problem is null;
    }

    private void WarnOfConflict(NginxHost host, IngressPath path)
    {
        if (Claimants(host, path).First(other => other.Canary is null) is var first && first != ingress)
        {
            context.Warning("conflicting-path", $"{Describe(host, path)} is served by the older Ingress {first.Resource.FullName}.", path.Field);
        }
    }

    /// <summary>Tells a path that becomes an expression because of another Ingress.</summary>
    private void WarnOfHostWideRegex(NginxHost host, IngressPath path)
    {
        if (host.UsesRegex && path.Path != "/" && !ingress.Rewriting.WantsRegex(path) && !controller.Options.IsStrict(NginxQuirks.HostWideRegex))
        {
            context.Warning(NginxQuirks.HostWideRegex.Diagnostic, $"{NginxQuirks.HostWideRegex.Behaviour} {NginxQuirks.HostWideRegex.Clean}", path.Field + ".path");
        }
    }

    /// <summary>Expressions in paths of other types are served, but ingress-nginx does not admit them (<c>strict-validate-path-type</c>).</summary>
    private void WarnOfStrictPathType(IngressPath path)
    {
        if (!path.IsImplementationSpecific && path.Path.Any(character => !char.IsAsciiLetterOrDigit(character) && character is not ('/' or '.' or '_' or '-')))
        {
            context.Warning(
                "strict-path-type",
                $"ingress-nginx admits \"{path.Path}\" only with pathType ImplementationSpecific; the other types have letters, digits, dots, dashes and underscores.",
                path.Field + ".path");
        }
    }

    /// <summary>The Ingresses that say the same host, path and type, the oldest first; ignored ones are not among them.</summary>
    private List<NginxIngress> Claimants(NginxHost host, IngressPath path)
    {
        var claimants = context.Find(IngressIndexes.ByClaim, IngressIndexes.Claim(host.Name, path))
            .Where(other => controller.IsOurs(context, other))
            .Select(controller.Parse)
            .Where(other => !other.IsIgnored)
            .ToList();
        claimants.Sort((left, right) => IngressIndexes.BySeniority(left.Resource, right.Resource));
        return claimants;
    }

    private static string Describe(NginxHost host, IngressPath path) =>
        $"{(path.Exact ? "Exact" : "Prefix")} {path.Path} of {(host.Name.Length == 0 ? "every host" : host.Name)}";
}
