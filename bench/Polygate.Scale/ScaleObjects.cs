using System.Text;
using Polygate.Testing.ApiServer;

namespace Polygate.Scale;

/// <summary>A change to the n-th object towards one of two backends, and the host whose answers show it.</summary>
internal delegate string Change(int number, int backend);

/// <summary>A cluster to be measured on.</summary>
internal interface ICluster
{
    string Description { get; }

    /// <summary>What is changed, by kind; even objects lead to backend 0 at first.</summary>
    IReadOnlyList<(string Name, Change Change)> Changes { get; }

    /// <summary>Makes its objects.</summary>
    void Fill();
}

/// <summary>Makes objects that several clusters have.</summary>
internal sealed class ScaleObjects(TestApiServer server, Backends backends)
{
    public static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    public void Write(string yaml) => server.Write(Manifests.Parse(yaml)[0]);

    /// <summary>The EndpointSlice of a Service's port <c>http</c>.</summary>
    public void Slice(string service, string @namespace, int backend) => Write($$"""
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: { name: {{service}}-x, namespace: {{@namespace}}, labels: { kubernetes.io/service-name: {{service}} } }
        addressType: IPv4
        ports: [{ name: http, port: {{backends.Ports[backend]}} }]
        endpoints: [{ addresses: ["{{Backends.Address}}"] }]
        """);

    /// <summary>A kind of the Gateway API, without a schema.</summary>
    public void Define(string kind, bool isNamespaced)
    {
        var plural = kind == "GatewayClass" ? "gatewayclasses" : kind.ToLowerInvariant() + "s";
        Write($$"""
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: { name: {{plural}}.gateway.networking.k8s.io }
            spec:
              group: gateway.networking.k8s.io
              scope: {{(isNamespaced ? "Namespaced" : "Cluster")}}
              names: { plural: {{plural}}, kind: {{kind}} }
              versions:
              - name: v1
                served: true
                storage: true
                subresources: { status: {} }
                schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
            """);
    }
}
