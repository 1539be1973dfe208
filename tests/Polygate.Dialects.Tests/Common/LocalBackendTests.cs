using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Sources;
using Polygate.Model;

namespace Polygate.Dialects.Tests.Common;

/// <summary>An author of objects tries to reach the gateway's own machine through it, in every dialect's way of naming a host.</summary>
public sealed class LocalBackendTests
{
    private const string ExternalName = """
        apiVersion: v1
        kind: Service
        metadata: { name: admin }
        spec: { type: ExternalName, externalName: LOCALHOST., ports: [{ port: 9901 }] }
        """;

    private const string Gateway = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: { name: gw }
        spec: { gatewayClassName: any, listeners: [{ name: http, port: 80, protocol: HTTP }] }
        """;

    public static TheoryData<string, string[]> Attacks => new()
    {
        {
            "Ingress",
            [
                ExternalName,
                """
                apiVersion: networking.k8s.io/v1
                kind: Ingress
                metadata: { name: it }
                spec: { rules: [{ http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: admin, port: { number: 9901 } } } }] } }] }
                """,
            ]
        },
        {
            "HTTPRoute to an ExternalName",
            [
                ExternalName, Gateway,
                """
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: { name: it }
                spec: { parentRefs: [{ name: gw }], rules: [{ backendRefs: [{ name: admin, port: 9901 }] }] }
                """,
            ]
        },
        {
            "HTTPRoute to an XBackend",
            [
                Gateway,
                """
                apiVersion: gateway.networking.x-k8s.io/v1alpha1
                kind: XBackend
                metadata: { name: admin }
                spec: { type: ExternalHostname, port: { port: 9901 }, externalHostname: { hostname: metadata.localhost }, protocol: HTTP }
                """,
                """
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: { name: it }
                spec:
                  parentRefs: [{ name: gw }]
                  rules: [{ backendRefs: [{ group: gateway.networking.x-k8s.io, kind: XBackend, name: admin, port: 9901 }] }]
                """,
            ]
        },
        {
            "A mirror",
            [
                ExternalName, Gateway,
                """
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: { name: it }
                spec:
                  parentRefs: [{ name: gw }]
                  rules: [{ filters: [{ type: RequestMirror, requestMirror: { backendRef: { name: admin, port: 9901 } } }] }]
                """,
            ]
        },
        {
            "IngressRoute",
            [
                ExternalName,
                """
                apiVersion: traefik.io/v1alpha1
                kind: IngressRoute
                metadata: { name: it }
                spec: { entryPoints: [web], routes: [{ kind: Rule, match: PathPrefix(`/`), services: [{ name: admin, port: 9901 }] }] }
                """,
            ]
        },
        {
            "Mapping",
            [
                """
                apiVersion: getambassador.io/v3alpha1
                kind: Listener
                metadata: { name: http }
                spec: { port: 8080, protocol: HTTP, securityModel: XFP, hostBinding: { namespace: { from: ALL } } }
                """,
                """
                apiVersion: getambassador.io/v3alpha1
                kind: Mapping
                metadata: { name: it }
                spec: { hostname: "*", prefix: /, service: "169.254.169.254:80" }
                """,
            ]
        },
        {
            "Upstream",
            [
                """
                apiVersion: gloo.solo.io/v1
                kind: Upstream
                metadata: { name: admin }
                spec: { static: { hosts: [{ addr: "127.1", port: 9901 }] } }
                """,
                """
                apiVersion: gateway.solo.io/v1
                kind: VirtualService
                metadata: { name: it }
                spec:
                  virtualHost:
                    domains: ["*"]
                    routes: [{ matchers: [{ prefix: / }], routeAction: { single: { upstream: { name: admin, namespace: default } } } }]
                """,
            ]
        },
        {
            "A slice of a selectorless Service",
            [
                """
                apiVersion: v1
                kind: Service
                metadata: { name: admin }
                spec: { ports: [{ port: 9901 }] }
                """,
                """
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: { name: admin-1, labels: { kubernetes.io/service-name: admin } }
                addressType: IPv4
                ports: [{ port: 9901 }]
                endpoints: [{ addresses: [127.0.0.1] }]
                """,
                Gateway,
                """
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: { name: it }
                spec: { parentRefs: [{ name: gw }], rules: [{ backendRefs: [{ name: admin, port: 9901 }] }] }
                """,
            ]
        },
    };

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Nothing_is_sent_to_the_machine_itself(string way, string[] objects)
    {
        Assert.Contains(Hosts(Translate(refuses: false, objects).Configuration), LocalAddress.IsLocal);

        var translator = Translate(refuses: true, objects);
        Assert.DoesNotContain(Hosts(translator.Configuration), LocalAddress.IsLocal);
        if (!way.StartsWith("A slice", StringComparison.Ordinal))
        {
            Assert.Contains(translator.Diagnostics, diagnostic => diagnostic.Severity == DiagnosticSeverity.Error && diagnostic.Message.Contains("own machine", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void An_XBackend_on_the_machine_itself_is_not_accepted()
    {
        var objects = Attacks.Select(attack => attack.Data).Single(attack => attack.Item1.EndsWith("XBackend", StringComparison.Ordinal)).Item2;
        var status = Translate(refuses: true, objects).Statuses.Single(status => status.Resource.Kind == "XBackend").Status;
        var accepted = status["parents"]![0]!["conditions"]!.AsArray().Single(condition => (string)condition!["type"]! == "Accepted")!;
        Assert.Equal(("False", "Invalid"), ((string)accepted["status"]!, (string)accepted["reason"]!));
    }

    private static Translator Translate(bool refuses, IReadOnlyList<string> documents)
    {
        var dialects = AllDialects.Create();
        var reader = new ManifestReader(CoreTypes.All.Concat(dialects.SelectMany(dialect => dialect.ResourceTypes)));
        var translator = new Translator(dialects, null, refuses);
        translator.Apply(documents.SelectMany(document => reader.Read("in.yaml", document).Resources), []);
        return translator;
    }

    private static IEnumerable<string> Hosts(GatewayConfiguration configuration) => configuration.Pieces.Values.SelectMany(piece => piece.Backends)
        .SelectMany(backend => backend.Endpoints switch
        {
            StaticEndpoints { Endpoints: var endpoints } => endpoints,
            NamedEndpoints { Set: var set } => configuration.EndpointSets[set].Endpoints,
            _ => [],
        })
        .Select(endpoint => endpoint.Host);
}
