using Polygate.Testing;

namespace Polygate.Dialects.Tests.GatewayApi;

/// <summary>Conditions that no golden file shows.</summary>
public sealed class GatewayStatusTests
{
    private const string Class = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: GatewayClass
        metadata: { name: any }
        spec: { controllerName: gateway.polygate.io/gateway-controller }
        """;

    [Theory]
    [InlineData("v1.6.1", "True SupportedVersion")]
    [InlineData("v1.4.0-rc.1", "True SupportedVersion")]
    [InlineData("v1.99.0", "False UnsupportedVersion")]
    [InlineData("v2.0.0", "False UnsupportedVersion")]
    [InlineData("main", "False UnsupportedVersion")]
    public void A_class_says_whether_the_installed_version_is_supported(string version, string expected)
    {
        var objects = new TranslatedObjects();

        objects.Set(Class, $$"""
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: { name: gatewayclasses.gateway.networking.k8s.io, annotations: { gateway.networking.k8s.io/bundle-version: {{version}} } }
            spec: { group: gateway.networking.k8s.io }
            """);

        Assert.Equal(expected, objects.Condition("GatewayClass", "any", "SupportedVersion"));
        Assert.Equal("True Accepted", objects.Condition("GatewayClass", "any", "Accepted"));
    }

    [Theory]
    [InlineData("standard", false)]
    [InlineData("experimental", true)]
    public void A_class_leaves_out_features_whose_fields_are_not_installed(string channel, bool retries)
    {
        var objects = new TranslatedObjects();

        objects.Set(Class, $$"""
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: { name: httproutes.gateway.networking.k8s.io, annotations: { gateway.networking.k8s.io/channel: {{channel}} } }
            spec: { group: gateway.networking.k8s.io }
            """);

        var features = objects.Status("GatewayClass", "any")["supportedFeatures"]!.AsArray().Select(feature => (string)feature!["name"]!).ToList();
        Assert.Equal(retries, features.Contains("HTTPRouteRetry"));
        Assert.Contains("HTTPRouteCORS", features);
    }

    [Fact]
    public void A_class_has_a_finalizer_while_Gateways_use_it()
    {
        var objects = new TranslatedObjects();
        var gateway = Gateway("gw", """{ name: web, port: 80, protocol: HTTP }""");

        objects.Set(Class, gateway);
        Assert.True(Assert.Single(objects.Finalizers).Wanted);

        objects.Remove(gateway);
        var wish = Assert.Single(objects.Finalizers);
        Assert.False(wish.Wanted);
        Assert.Equal("gateway-exists-finalizer.gateway.networking.k8s.io", wish.Finalizer);
    }

    [Fact]
    public void Features_are_sorted_and_fit_the_status()
    {
        var objects = new TranslatedObjects();

        objects.Set(Class);

        var names = objects.Status("GatewayClass", "any")["supportedFeatures"]!.AsArray().Select(feature => (string)feature!["name"]!).ToList();
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        Assert.InRange(names.Count, 1, 64);
    }

    [Theory]
    [InlineData("wide.example", "narrow.example", null, null)]
    [InlineData("\"*.a.example\"", "b.a.example", "narrow.example", "True OverlappingHostnames")]
    [InlineData("a.example", "b.example", "\\*.example", "True OverlappingCertificates")]
    public void Listeners_whose_TLS_overlaps_say_so(string first, string second, string? shared, string? expected)
    {
        var objects = new TranslatedObjects();
        var names = shared is null ? [first.Trim('"'), second] : shared.StartsWith('\\') ? [shared[1..], shared[1..]] : (string[])["one.test", "two.test"];

        objects.Set(
            TestSecrets.Tls("one", names[0]),
            TestSecrets.Tls("two", names[1]),
            Gateway(
                "gw",
                $$"""{ name: one, port: 443, protocol: HTTPS, hostname: {{first}}, tls: { certificateRefs: [{ name: one }] } }""",
                $$"""{ name: two, port: 443, protocol: HTTPS, hostname: {{second}}, tls: { certificateRefs: [{ name: two }] } }""",
                """{ name: apart, port: 8443, protocol: HTTPS, tls: { certificateRefs: [{ name: two }] } }"""));

        Assert.Equal(expected, objects.Condition("Gateway", "gw", "one", "OverlappingTLSConfig"));
        Assert.Equal(expected, objects.Condition("Gateway", "gw", "two", "OverlappingTLSConfig"));
        Assert.Null(objects.Condition("Gateway", "gw", "apart", "OverlappingTLSConfig"));
    }

    private static string Gateway(string name, params string[] listeners) => $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: { name: {{name}} }
        spec:
          gatewayClassName: any
          listeners: [{{string.Join(", ", listeners)}}]
        """;
}
