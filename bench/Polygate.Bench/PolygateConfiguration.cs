using System.Globalization;
using System.Text;

namespace Polygate.Bench;

/// <summary>The same task as the other proxies' configuration, in Gateway API.</summary>
internal static class PolygateConfiguration
{
    public const int RoutesInFile = 100;

    private static string Gateway(string folder)
    {
        var certificate = Convert.ToBase64String(File.ReadAllBytes(Path.Combine(folder, "tls.crt")));
        var key = Convert.ToBase64String(File.ReadAllBytes(Path.Combine(folder, "tls.key")));
        var backend = Setup.Backend.Split(':');
        return $$"""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: { name: bench }
            spec:
              gatewayClassName: polygate
              listeners:
                - { name: http, port: 80, protocol: HTTP }
                - name: https
                  port: 443
                  protocol: HTTPS
                  tls: { certificateRefs: [{ name: bench }] }
            ---
            apiVersion: v1
            kind: Secret
            metadata: { name: bench }
            type: kubernetes.io/tls
            data:
              tls.crt: {{certificate}}
              tls.key: {{key}}
            ---
            apiVersion: v1
            kind: Service
            metadata: { name: app }
            spec: { ports: [{ name: http, port: 80 }] }
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: { name: app, labels: { kubernetes.io/service-name: app } }
            addressType: IPv4
            ports: [{ name: http, port: {{backend[1]}} }]
            endpoints: [{ addresses: ["{{backend[0]}}"] }]
            """;
    }

    /// <summary>Writes the configuration; its folder. A hundred routes stand in a file.</summary>
    public static string Write(Setup setup)
    {
        var folder = Directory.CreateDirectory(FolderOf(setup)).FullName;
        File.WriteAllText(Path.Combine(folder, "gateway.yaml"), Gateway(setup.Folder) + "\n---\n" + Others() + AnnotatedHosts.Ingresses);
        for (var first = 0; first < setup.Routes; first += RoutesInFile)
        {
            File.WriteAllText(Path.Combine(folder, FileOf(first)), Routes(first, Math.Min(first + RoutesInFile, setup.Routes)));
        }

        return folder;
    }

    public static string FolderOf(Setup setup) => Path.Combine(setup.Folder, string.Create(CultureInfo.InvariantCulture, $"config-{setup.Routes}"));

    /// <summary>The file a route stands in.</summary>
    public static string FileOf(int route) => string.Create(CultureInfo.InvariantCulture, $"routes-{route / RoutesInFile}.yaml");

    /// <summary>One HTTPRoute for each path prefix.</summary>
    /// <param name="first">The first number.</param>
    /// <param name="end">One more than the last.</param>
    /// <param name="edited">A route that leads under another prefix.</param>
    /// <param name="prefix">That prefix.</param>
    public static string Routes(int first, int end, int edited = -1, string prefix = "")
    {
        var text = new StringBuilder();
        for (var i = first; i < end; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $$"""
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: { name: service-{{i}} }
                spec:
                  parentRefs: [{ name: bench }]
                  rules:
                    - matches: [{ path: { type: PathPrefix, value: {{(i == edited ? prefix : $"/service-{i}")}} } }]
                      backendRefs: [{ name: app, port: 80 }]
                ---

                """);
        }

        return text.ToString();
    }

    /// <summary>Routes to the backends of gRPC and of WebSocket.</summary>
    private static string Others()
    {
        var text = new StringBuilder();
        foreach (var (name, path, backend) in new[] { ("grpc", "/bench.Echo", Setup.GrpcBackend), ("echo", "/echo", Setup.EchoBackend) })
        {
            text.Append(CultureInfo.InvariantCulture, $$"""
                apiVersion: v1
                kind: Service
                metadata: { name: {{name}} }
                spec: { ports: [{ name: http, port: 80 }] }
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: { name: {{name}}, labels: { kubernetes.io/service-name: {{name}} } }
                addressType: IPv4
                ports: [{ name: http, port: {{backend.Split(':')[1]}} }]
                endpoints: [{ addresses: ["{{backend.Split(':')[0]}}"] }]
                ---
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: { name: {{name}} }
                spec:
                  parentRefs: [{ name: bench }]
                  rules:
                    - matches: [{ path: { type: PathPrefix, value: {{path}} } }]
                      backendRefs: [{ name: {{name}}, port: 80 }]
                ---

                """);
        }

        return text.ToString();
    }
}
