using Polygate.Testing.ApiServer;

namespace Polygate.Scale;

/// <summary>One Gateway for many teams: a ListenerSet each, with a listener of its own host, and its routes.</summary>
internal sealed class ListenerSetCluster : ICluster
{
    private const int RoutesOfASet = 16;
    private const int Namespaces = 100;

    private readonly ScaleObjects objects;
    private readonly int sets;

    public ListenerSetCluster(TestApiServer server, Backends backends, double scale)
    {
        objects = new ScaleObjects(server, backends);
        sets = (int)(2_500 * scale);
    }

    public string Description => $"{sets * RoutesOfASet} HTTPRoutes over {sets} ListenerSets of one Gateway, {2 * Namespaces} Services";

    public IReadOnlyList<(string Name, Change Change)> Changes =>
    [
        ("an HTTPRoute", (number, backend) =>
        {
            var route = number * (sets * RoutesOfASet / 200);
            Route(route, backend);
            return Host(route);
        }),
    ];

    public void Fill()
    {
        foreach (var (kind, isNamespaced) in new[] { ("GatewayClass", false), ("Gateway", true), ("ListenerSet", true), ("HTTPRoute", true), ("ReferenceGrant", true) })
        {
            objects.Define(kind, isNamespaced);
        }

        objects.Write("{ apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: { name: polygate }, spec: { controllerName: gateway.polygate.io/gateway-controller } }");
        objects.Write("""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: { name: g, namespace: default }
            spec:
              gatewayClassName: polygate
              listeners: [{ name: http, port: 8080, protocol: HTTP, hostname: gateway.example }]
              allowedListeners: { namespaces: { from: All } }
            """);
        for (var i = 0; i < Namespaces; i++)
        {
            objects.Write($"{{ apiVersion: v1, kind: Namespace, metadata: {{ name: n{i} }} }}");
            for (var backend = 0; backend < 2; backend++)
            {
                objects.Write($"{{ apiVersion: v1, kind: Service, metadata: {{ name: s{backend}, namespace: n{i} }}, spec: {{ ports: [{{ name: http, port: 80 }}] }} }}");
                objects.Slice($"s{backend}", $"n{i}", backend);
            }
        }

        for (var i = 0; i < sets; i++)
        {
            Set(i);
        }

        for (var i = 0; i < sets * RoutesOfASet; i++)
        {
            Route(i, 0);
        }
    }

    private static string NamespaceOf(int set) => $"n{set % Namespaces}";

    private static string Host(int route) => $"r{route % RoutesOfASet}.team-{route / RoutesOfASet}.example";

    /// <summary>A set with a listener for all hosts of its team.</summary>
    private void Set(int number) => objects.Write($$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: ListenerSet
        metadata: { name: t{{number}}, namespace: {{NamespaceOf(number)}} }
        spec:
          parentRef: { name: g, namespace: default }
          listeners: [{ name: http, port: 8080, protocol: HTTP, hostname: "*.team-{{number}}.example" }]
        """);

    private void Route(int number, int backend) => objects.Write($$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: { name: r{{number}}, namespace: {{NamespaceOf(number / RoutesOfASet)}} }
        spec:
          parentRefs: [{ kind: ListenerSet, name: t{{number / RoutesOfASet}} }]
          hostnames: [{{Host(number)}}]
          rules: [{ backendRefs: [{ name: s{{backend}}, port: 80 }] }]
        """);
}
