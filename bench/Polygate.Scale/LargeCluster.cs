using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Polygate.Testing.ApiServer;

namespace Polygate.Scale;

/// <summary>The objects of a large cluster, in a hundred namespaces, and changes to them.</summary>
internal sealed class LargeCluster : ICluster
{
    private const int Namespaces = 100;

    private readonly TestApiServer server;
    private readonly ScaleObjects objects;
    private readonly int ingresses;
    private readonly int routes;
    private readonly int services;
    private readonly int secrets;

    public LargeCluster(TestApiServer server, Backends backends, double scale)
    {
        this.server = server;
        objects = new ScaleObjects(server, backends);
        ingresses = (int)(10_000 * scale);
        routes = (int)(10_000 * scale);
        services = ingresses + routes;
        secrets = (int)(5_000 * scale);
    }

    public string Description => $"{ingresses} Ingresses, {routes} HTTPRoutes, {services} Services with EndpointSlices, {secrets} Secrets";

    public IReadOnlyList<(string Name, Change Change)> Changes =>
        [.. Kinds, ("one of these in turn", (number, backend) => Kinds[number / 2 % Kinds.Count].Change(number, backend))];

    private IReadOnlyList<(string Name, Change Change)> Kinds =>
    [
        ("an EndpointSlice", (number, backend) =>
        {
            Slice(number, backend);
            return $"i{number}.example";
        }),
        ("an Ingress", (number, backend) =>
        {
            Ingress(number, backend == 0 ? number : number + 1);
            return $"i{number}.example";
        }),
        ("an HTTPRoute", (number, backend) =>
        {
            Route(number, backend == 0 ? ingresses + number : ingresses + number + 1);
            return $"h{number}.example";
        }),
        ("an Ingress and its renewed certificate", (number, backend) =>
        {
            // The last ones have TLS.
            var place = ingresses - secrets + number;
            Secret(place);
            Ingress(place, backend == 0 ? place : place + 1);
            return $"i{place}.example";
        }),
    ];

    /// <summary>The status that the gateway gives an HTTPRoute here; null as long as it gave the first none.</summary>
    public JsonNode? RouteStatus => server.Find("httproutes.gateway.networking.k8s.io", NamespaceOf(ingresses), "h0")?["status"]?["parents"] is JsonArray { Count: > 0 } parents
        ? new JsonObject { ["parents"] = parents.DeepClone() }
        : null;

    /// <summary>Gives every HTTPRoute a status, as a gateway that was here before has done. Ingresses have none without an address to publish.</summary>
    public void FillStatuses(JsonNode status)
    {
        for (var i = 0; i < routes; i++)
        {
            server.WriteStatus(new JsonObject
            {
                ["apiVersion"] = "gateway.networking.k8s.io/v1",
                ["kind"] = "HTTPRoute",
                ["metadata"] = new JsonObject { ["name"] = $"h{i}", ["namespace"] = NamespaceOf(ingresses + i) },
                ["status"] = status.DeepClone(),
            });
        }
    }

    public void Fill()
    {
        foreach (var (kind, isNamespaced) in new[] { ("GatewayClass", false), ("Gateway", true), ("HTTPRoute", true), ("ReferenceGrant", true) })
        {
            objects.Define(kind, isNamespaced);
        }

        for (var i = 0; i < Namespaces; i++)
        {
            objects.Write($"{{ apiVersion: v1, kind: Namespace, metadata: {{ name: n{i} }} }}");
        }

        objects.Write("{ apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: { name: polygate }, spec: { controller: gateway.polygate.io/ingress-controller } }");
        objects.Write("{ apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: { name: polygate }, spec: { controllerName: gateway.polygate.io/gateway-controller } }");
        objects.Write("""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: { name: g, namespace: n0 }
            spec: { gatewayClassName: polygate, listeners: [{ name: http, port: 8080, protocol: HTTP, allowedRoutes: { namespaces: { from: All } } }] }
            """);
        for (var i = 0; i < services; i++)
        {
            objects.Write($"{{ apiVersion: v1, kind: Service, metadata: {{ name: s{i}, namespace: {NamespaceOf(i)} }}, spec: {{ ports: [{{ name: http, port: 80 }}] }} }}");
            Slice(i, i % 2);
        }

        for (var i = 0; i < secrets; i++)
        {
            Secret(ingresses - secrets + i);
        }

        for (var i = 0; i < ingresses; i++)
        {
            Ingress(i, i);
        }

        for (var i = 0; i < routes; i++)
        {
            Route(i, ingresses + i);
        }
    }

    /// <summary>Neighbours are in one namespace, so that a route can go over to the next Service.</summary>
    private static string NamespaceOf(int service) => $"n{service / 2 % Namespaces}";

    private void Slice(int service, int backend) => objects.Slice($"s{service}", NamespaceOf(service), backend);

    private void Ingress(int number, int service) => objects.Write($$"""
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: { name: i{{number}}, namespace: {{NamespaceOf(number)}} }
        spec:
          ingressClassName: polygate
          {{(number >= ingresses - secrets ? $"tls: [{{ hosts: [i{number}.example], secretName: t{number} }}]" : "")}}
          rules: [{ host: i{{number}}.example, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: s{{service}}, port: { number: 80 } } } }] } }]
        """);

    private void Route(int number, int service) => objects.Write($$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: { name: h{{number}}, namespace: {{NamespaceOf(ingresses + number)}} }
        spec: { parentRefs: [{ name: g, namespace: n0 }], hostnames: [h{{number}}.example], rules: [{ backendRefs: [{ name: s{{service}}, port: 80 }] }] }
        """);

    private void Secret(int number)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest($"CN=i{number}.example", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        objects.Write($$"""
            apiVersion: v1
            kind: Secret
            type: kubernetes.io/tls
            metadata: { name: t{{number}}, namespace: {{NamespaceOf(number)}} }
            data: { tls.crt: {{ScaleObjects.Base64(certificate.ExportCertificatePem())}}, tls.key: {{ScaleObjects.Base64(key.ExportPkcs8PrivateKeyPem())}} }
            """);
    }
}
