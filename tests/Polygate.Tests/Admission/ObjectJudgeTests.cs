using System.Text.Json.Nodes;
using Polygate.Admission;
using Polygate.Dialects.Pipeline;
using Polygate.Model;
using Polygate.Testing;
using Polygate.Testing.ApiServer;

namespace Polygate.Tests.Admission;

/// <summary>One object is judged as "check" judges a folder, as far as that object alone goes.</summary>
public sealed class ObjectJudgeTests
{
    private const string Route = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: { name: cart, namespace: shop }
        spec:
          parentRefs: [{ name: gateway, sectionName: http, port: 80 }, { name: gateway }]
          hostnames: [shop.example.com]
          rules:
          - matches: [{ path: { type: RegularExpression, value: "PATTERN" } }]
            backendRefs: [{ name: cart, port: 8080 }]
        """;

    private const string Ingress = """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: { name: cart, namespace: shop, annotations: { nginx.ingress.kubernetes.io/whitelist-source-range: "RANGE" } }
        spec:
          ingressClassName: CLASS
          tls: [{ hosts: [shop.example.com], secretName: absent }]
          rules: [{ host: shop.example.com, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: absent, port: { number: 80 } } } }] } }]
        """;

    private static readonly AdmissionScope Scope = new()
    {
        ControllerName = "gateway.polygate.io/gateway-controller",
        IngressClasses = new Dictionary<string, string> { ["shop"] = "gateway.polygate.io/ingress-nginx" },
    };

    private readonly ObjectJudge judge = new(Composition.DialectsNamed([], ClusterSettings()), Scope);

    public static TheoryData<string, string> Wrong() => new()
    {
        { Route.Replace("PATTERN", "/cart(", StringComparison.Ordinal), "spec.rules[0].matches[0].path.value: " },
        {
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: { name: gateway, namespace: shop }
            spec: { gatewayClassName: polygate, listeners: [{ name: a, port: 80, protocol: GOPHER }] }
            """,
            "GOPHER"
        },
        { Ingress.Replace("CLASS", "shop", StringComparison.Ordinal).Replace("RANGE", "everybody", StringComparison.Ordinal), "whitelist-source-range" },
        {
            """
            apiVersion: traefik.io/v1alpha1
            kind: IngressRoute
            metadata: { name: cart, namespace: shop }
            spec: { entryPoints: [web], routes: [{ match: "Host(`shop.example.com`", kind: Rule, services: [{ name: cart, port: 80 }] }] }
            """,
            "spec.routes[0].match: "
        },
        {
            """
            apiVersion: gateway.solo.io/v1
            kind: VirtualService
            metadata: { name: cart, namespace: shop }
            spec: { virtualHost: { domains: [shop.example.com], routes: [{ matchers: [{ regex: "/cart(" }], directResponseAction: { status: 200 } }] } }
            """,
            "matchers[0]"
        },
        {
            """
            apiVersion: getambassador.io/v3alpha1
            kind: Mapping
            metadata: { name: cart, namespace: shop }
            spec: { hostname: shop.example.com, prefix: "/cart(", prefix_regex: true, service: cart }
            """,
            "prefix"
        },
        {
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: { name: cart, namespace: shop }
            spec: { parentRefs: [{ name: gateway }], rules: much }
            """,
            "spec.rules: "
        },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void An_error_of_the_object_itself_refuses_it_in_the_words_of_check(string yaml, string words)
    {
        var refusal = judge.Judge(Reviews.Of(yaml)).Refusal;

        Assert.NotNull(refusal);
        Assert.Contains(words, refusal, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_is_deleted_is_no_longer_judged(string yaml, string words)
    {
        var json = Manifests.Parse(yaml).Single();
        json["metadata"]!["deletionTimestamp"] = "2026-01-01T00:00:00Z";

        Assert.Equal(AdmissionAnswer.Admitted, judge.Judge(Reviews.Of(yaml, "DELETE")));
        Assert.True(judge.Judge(Reviews.Of(json, "UPDATE", json.DeepClone().AsObject())).Refusal is null, words);
    }

    public static TheoryData<string> Local() =>
    [
        """
        apiVersion: getambassador.io/v3alpha1
        kind: Mapping
        metadata: { name: cart, namespace: shop }
        spec: { hostname: "*", prefix: /, service: "169.254.169.254:80" }
        """,
        """
        apiVersion: gateway.networking.x-k8s.io/v1alpha1
        kind: XBackend
        metadata: { name: cart, namespace: shop }
        spec: { type: ExternalHostname, port: { port: 9901 }, externalHostname: { hostname: metadata.localhost }, protocol: HTTP }
        """,
        """
        apiVersion: gloo.solo.io/v1
        kind: Upstream
        metadata: { name: cart, namespace: shop }
        spec: { static: { hosts: [{ addr: cart.example, port: 80 }, { addr: "127.1", port: 9901 }] } }
        """,
        Ingress.Replace("CLASS", "shop", StringComparison.Ordinal).Replace("whitelist-source-range: \"RANGE\"", "auth-url: \"http://localhost:9901/metrics\"", StringComparison.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Local))]
    public void An_object_that_names_the_gateways_own_machine_is_refused_as_a_gateway_on_a_cluster_refuses_it(string yaml)
    {
        var strict = new ObjectJudge(Composition.DialectsNamed([], ClusterSettings()), Scope, refusesLocalBackends: true);

        Assert.Contains("the gateway's own machine", strict.Judge(Reviews.Of(yaml)).Refusal, StringComparison.Ordinal);
        Assert.Null(judge.Judge(Reviews.Of(yaml)).Refusal);
    }

    [Fact]
    public void Objects_that_are_referred_to_and_are_not_seen_are_no_error()
    {
        Assert.Equal([null, null],
        [
            judge.Judge(Reviews.Of(Route.Replace("PATTERN", "/cart.*", StringComparison.Ordinal))).Refusal,
            judge.Judge(Reviews.Of(Ingress.Replace("CLASS", "shop", StringComparison.Ordinal).Replace("RANGE", "10.0.0.0/8", StringComparison.Ordinal))).Refusal,
        ]);
    }

    [Theory]
    [InlineData("nginx")]
    [InlineData("somebody-elses")]
    public void An_Ingress_of_a_class_that_is_not_named_is_somebody_elses(string className)
    {
        var ingress = Ingress.Replace("CLASS", className, StringComparison.Ordinal).Replace("RANGE", "everybody", StringComparison.Ordinal);

        Assert.Equal(AdmissionAnswer.Admitted, judge.Judge(Reviews.Of(ingress)) with { Warnings = [] });
    }

    [Fact]
    public void A_Gateway_of_a_class_that_is_not_named_is_somebody_elses() => Assert.Null(judge.Judge(Reviews.Of("""
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: { name: gateway, namespace: shop }
        spec: { gatewayClassName: somebody-elses, listeners: [{ name: a, port: 80, protocol: GOPHER }] }
        """)).Refusal);

    [Fact]
    public void Only_routes_of_the_Gateways_that_are_named_are_judged()
    {
        var wrong = Route.Replace("PATTERN", "/cart(", StringComparison.Ordinal);
        ObjectJudge With(string gateway) => new(Composition.DialectsNamed([], ClusterSettings()), Scope with { Gateways = new HashSet<string> { gateway } });

        Assert.Null(With("default/gateway").Judge(Reviews.Of(wrong)).Refusal);
        Assert.NotNull(With("shop/gateway").Judge(Reviews.Of(wrong)).Refusal);
    }

    [Fact]
    public void An_object_that_was_wrong_before_can_be_changed_elsewhere_but_not_get_worse()
    {
        var before = Route.Replace("PATTERN", "/cart(", StringComparison.Ordinal);
        var elsewhere = before.Replace("name: cart, namespace", "name: cart, labels: { a: b }, namespace", StringComparison.Ordinal);
        var worse = before.Replace("/cart(", "/cart((", StringComparison.Ordinal);

        var answer = judge.Judge(Reviews.Of(elsewhere, "UPDATE", before));

        Assert.Null(answer.Refusal);
        Assert.Contains("path.value", Assert.Single(answer.Warnings), StringComparison.Ordinal);
        Assert.NotNull(judge.Judge(Reviews.Of(worse, "UPDATE", before)).Refusal);
    }

    [Fact]
    public void Warnings_are_told_on_one_short_line_each()
    {
        var answer = judge.Judge(Reviews.Of(Ingress.Replace("CLASS", "shop", StringComparison.Ordinal)
            .Replace("whitelist-source-range: \"RANGE\"", $"unheard-of-{new string('x', 40)}: \"a\\nb\"", StringComparison.Ordinal)));

        Assert.Null(answer.Refusal);
        Assert.Contains("unheard-of", Assert.Single(answer.Warnings), StringComparison.Ordinal);
        Assert.All(answer.Warnings, warning => Assert.True(warning.Length <= 256 && !warning.Any(char.IsControl), warning));
    }

    [Fact]
    public void A_refusal_stays_short_however_much_is_wrong()
    {
        var json = Manifests.Parse(Route.Replace("PATTERN", "/cart(", StringComparison.Ordinal)).Single();
        var rules = json["spec"]!["rules"]!.AsArray();
        for (var i = 0; i < 200; i++)
        {
            rules.Add(rules[0]!.DeepClone());
        }

        Assert.InRange(judge.Judge(Reviews.Of(json)).Refusal!.Length, 1, 2000);
    }

    [Fact]
    public void A_field_that_a_newer_definition_has_is_a_warning()
    {
        var answer = judge.Judge(Reviews.Of(Route.Replace("PATTERN", "/cart", StringComparison.Ordinal).Replace("  hostnames:", "  novelty: 1\n  hostnames:", StringComparison.Ordinal)));

        Assert.Null(answer.Refusal);
        Assert.Contains(answer.Warnings, warning => warning.Contains("spec.novelty", StringComparison.Ordinal));
    }

    [Fact]
    public void A_name_that_is_still_to_be_generated_is_no_error() =>
        Assert.Null(judge.Judge(Reviews.Of(Route.Replace("PATTERN", "/cart", StringComparison.Ordinal).Replace("name: cart, namespace", "generateName: cart-, namespace", StringComparison.Ordinal))).Refusal);

    [Theory]
    [InlineData("{ apiVersion: v1, kind: Pod, metadata: { name: a } }")]
    [InlineData("{ apiVersion: gateway.networking.k8s.io/v9, kind: HTTPRoute, metadata: { name: a }, spec: { rules: 1 } }")]
    [InlineData("{ apiVersion: 1, kind: { a: b }, metadata: { name: [7] } }")]
    [InlineData("{ a: b }")]
    public void A_kind_that_is_not_read_is_admitted(string yaml) => Assert.Equal(AdmissionAnswer.Admitted, judge.Judge(Reviews.Of(yaml)));

    [Fact]
    public void A_fault_of_ones_own_is_not_the_objects()
    {
        var faulty = new ObjectJudge([new Faulty()], Scope);

        var exception = Assert.Throws<InvalidOperationException>(() => faulty.Judge(Reviews.Of(Route)));

        Assert.Contains("it broke", exception.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string> GoldenFolders()
    {
        var tests = Path.Combine(SourceTree.Root, "tests", "Polygate.Dialects.Tests");
        return [.. Directory.EnumerateFiles(tests, "in.yaml", SearchOption.AllDirectories).Where(file => !file.Contains("/bin/", StringComparison.Ordinal))
            .Select(file => Path.GetDirectoryName(file)!).Append(Path.Combine(SourceTree.Root, "examples", "quickstart"))
            .Select(folder => Path.GetRelativePath(SourceTree.Root, folder)).Order(StringComparer.Ordinal)];
    }

    [Theory]
    [MemberData(nameof(GoldenFolders))]
    public void What_is_right_among_its_objects_is_not_refused_alone(string folder)
    {
        var dialects = Composition.Dialects;
        var wrong = Snapshot.Read(Path.Combine(SourceTree.Root, folder), dialects, Running.PortMap.Default).Diagnostics
            .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
            .Select(diagnostic => (diagnostic.Origin.Kind, diagnostic.Origin.Namespace, diagnostic.Origin.Name)).ToHashSet();
        var alone = new ObjectJudge(dialects, Scope);

        var refused = Directory.GetFiles(Path.Combine(SourceTree.Root, folder), "*.yaml")
            .SelectMany(file => Manifests.Parse(File.ReadAllText(file)))
            .Where(json => !wrong.Contains(((string?)json["kind"] ?? "", (string?)json["metadata"]?["namespace"] ?? "default", (string?)json["metadata"]?["name"] ?? ""))
                && !wrong.Contains(((string?)json["kind"] ?? "", "", (string?)json["metadata"]?["name"] ?? "")))
            .Select(json => (Json: json, alone.Judge(Reviews.Of(InNamespace(json))).Refusal))
            .Where(judged => judged.Refusal is not null)
            .Select(judged => $"{judged.Json["kind"]} {judged.Json["metadata"]!["name"]}: {judged.Refusal}");

        Assert.Equal([], refused);
    }

    private static JsonObject InNamespace(JsonObject json)
    {
        json["metadata"]!["namespace"] ??= "default";
        return json;
    }

    private static Dialects.DialectSettings ClusterSettings() => new()
    {
        Classes = new Dialects.Common.IngressClasses([], servesWithoutClass: false),
        GatewayApi = new Dialects.GatewayApi.GatewayApiOptions { ClaimAllClasses = false },
    };

    /// <summary>A dialect with a fault.</summary>
    private sealed class Faulty : IDialect
    {
        public string Name => "faulty";

        public IReadOnlyList<Kubernetes.Resources.ResourceType> ResourceTypes => [Dialects.GatewayApi.Resources.GatewayApiTypes.HTTPRoute];

        public IReadOnlyList<Kubernetes.Store.ResourceIndex> Indexes => [];

        public bool IsRoot(Kubernetes.Resources.ResourceType type) => true;

        public void Translate(Kubernetes.Resources.Resource root, TranslationContext context) => throw new NotSupportedException("it broke");
    }
}
