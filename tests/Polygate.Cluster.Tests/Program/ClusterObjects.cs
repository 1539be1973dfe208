using System.Text.Json.Nodes;
using Polygate.EndToEnd.Tests;
using Polygate.Testing.ApiServer;

namespace Polygate.Cluster.Tests.Program;

/// <summary>Manifests that lead requests to a test's backends.</summary>
internal static class ClusterObjects
{
    /// <summary>An IngressClass of this gateway's.</summary>
    public static JsonObject IngressClass(string name) => Parse($$"""
        { apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: { name: {{name}} }, spec: { controller: gateway.polygate.io/ingress-controller } }
        """);

    /// <summary>A Service whose backend is outside the cluster: a real API server takes no loopback addresses in EndpointSlices.</summary>
    public static JsonObject Service(string @namespace, string name, TestBackend backend) => Parse($$"""
        apiVersion: v1
        kind: Service
        metadata: { name: {{name}}, namespace: {{@namespace}} }
        spec: { type: ExternalName, externalName: {{backend.Address}}, ports: [{ name: http, port: {{backend.Port}} }] }
        """);

    /// <summary>An Ingress for a host to a port of the Service of that name.</summary>
    public static JsonObject Ingress(string @namespace, string name, string className, string host, string service) => Parse($$"""
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: { name: {{name}}, namespace: {{@namespace}} }
        spec:
          ingressClassName: {{className}}
          rules: [{ host: {{host}}, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: {{service}}, port: { name: http } } } }] } }]
        """);

    private static JsonObject Parse(string yaml) => Manifests.Parse(yaml).Single();
}
