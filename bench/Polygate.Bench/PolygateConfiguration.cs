using System.Globalization;
using System.Text;

namespace Polygate.Bench;

/// <summary>The same task as the other proxies' configuration, in Gateway API.</summary>
internal static class PolygateConfiguration
{
    public static string Gateway(string folder)
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

    /// <summary>One HTTPRoute for each path prefix.</summary>
    public static string Routes(int count)
    {
        var text = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $$"""
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: { name: service-{{i}} }
                spec:
                  parentRefs: [{ name: bench }]
                  rules:
                    - matches: [{ path: { type: PathPrefix, value: /service-{{i}} } }]
                      backendRefs: [{ name: app, port: 80 }]
                ---

                """);
        }

        return text.ToString();
    }
}
