namespace Polygate.Tests;

/// <summary>A small configuration: one Ingress, its Service, and the Service's endpoint on this machine.</summary>
internal static class Samples
{
    public static string Ingress(string path = "/shop") => $$$"""
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata:
          name: shop
        spec:
          rules:
          - host: shop.example.com
            http:
              paths:
              - path: {{{path}}}
                pathType: Prefix
                backend: { service: { name: shop, port: { number: 80 } } }

        """;

    public static string Service(string address = "127.0.0.1", int port = 9000) => $$$"""
        apiVersion: v1
        kind: Service
        metadata: { name: shop, annotations: { gateway.polygate.io/echo: "true" } }
        spec: { ports: [{ name: http, port: 80 }] }
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: { name: shop, labels: { kubernetes.io/service-name: shop } }
        addressType: IPv4
        ports: [{ name: http, port: {{{port}}} }]
        endpoints: [{ addresses: ["{{{address}}}"] }]

        """;

    /// <summary>A Gateway with one listener without TLS.</summary>
    public static string PlainGateway(int port) => $$$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: GatewayClass
        metadata: { name: polygate }
        spec: { controllerName: gateway.polygate.io/gateway-controller }
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: { name: plain }
        spec:
          gatewayClassName: polygate
          listeners: [{ name: http, port: {{{port}}}, protocol: HTTP }]

        """;

    /// <summary>A folder with both.</summary>
    public static TemporaryFolder Folder()
    {
        var folder = new TemporaryFolder();
        folder.Write("ingress.yaml", Ingress());
        folder.Write("service.yaml", Service());
        return folder;
    }
}
