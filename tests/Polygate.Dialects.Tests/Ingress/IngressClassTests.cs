using Polygate.Dialects.Ingress;
using Polygate.Dialects.IngressNginx;
using Polygate.Dialects.Tests.Golden;
using Polygate.Model;

namespace Polygate.Dialects.Tests.Ingress;

public sealed class IngressClassTests
{
    private const string LegacyAnnotation = "kubernetes.io/ingress.class";

    [Theory]
    [InlineData("", "", "", "ingress")]
    [InlineData("polygate", "", "", "ingress")]
    [InlineData("nginx", "", "", "ingress-nginx")]
    [InlineData("", "nginx", "", "ingress-nginx")]
    [InlineData("kong", "", "", "")]
    [InlineData("unheard-of", "", "", "")]
    [InlineData("mine", "", "mine k8s.io/ingress-nginx", "ingress-nginx")]
    [InlineData("", "mine", "mine k8s.io/ingress-nginx", "ingress-nginx")]
    [InlineData("nginx", "", "nginx gateway.polygate.io/ingress-controller", "ingress")]
    [InlineData("nginx", "", "nginx example.com/other", "")]
    [InlineData("", "", "mine k8s.io/ingress-nginx default", "ingress-nginx")]
    [InlineData("polygate", "", "mine k8s.io/ingress-nginx default", "ingress")]
    [InlineData("", "", "mine k8s.io/ingress-nginx", "ingress")]
    public void An_ingress_belongs_to_the_dialect_of_its_class(string className, string annotation, string ingressClass, string expected)
    {
        var ingress = new IngressYaml("one", "foo.com P /=a") { Class = className };
        if (annotation.Length > 0)
        {
            ingress = ingress with { Annotations = new Dictionary<string, string> { [LegacyAnnotation] = annotation } };
        }

        var requests = Serve(IngressYaml.Write(ingress) + IngressClass(ingressClass));

        Assert.Equal(expected, string.Join(' ', requests.Configuration.Routes.Select(route => route.Scope).Distinct()));
    }

    [Theory]
    [InlineData("unheard-of", "", "unknown-ingress-class")]
    [InlineData("mine", "mine example.com/other", "foreign-ingress-class")]
    public void An_ingress_that_nobody_serves_is_reported_once(string className, string ingressClass, string code)
    {
        var ingress = new IngressYaml("one", "foo.com P /=a") { Class = className };

        var requests = Serve(IngressYaml.Write(ingress) + IngressClass(ingressClass));

        var diagnostic = Assert.Single(requests.Diagnostics);
        Assert.Equal((DiagnosticSeverity.Info, code), (diagnostic.Severity, diagnostic.Code));
    }

    [Fact]
    public void Of_two_classes_the_field_counts_and_the_other_is_reported_once()
    {
        var ingress = new IngressYaml("one", "foo.com P /=a") { Class = "nginx", Annotations = new Dictionary<string, string> { [LegacyAnnotation] = "polygate" } };

        var requests = Serve(IngressYaml.Write(ingress));

        Assert.Equal("ingress-nginx", Assert.Single(requests.Configuration.Routes).Scope);
        Assert.Equal("conflicting-ingress-class", Assert.Single(requests.Diagnostics).Code);
    }

    [Fact]
    public void Of_several_default_classes_the_newest_counts()
    {
        var classes = IngressClass("older gateway.polygate.io/ingress-controller default", 1) + IngressClass("newer k8s.io/ingress-nginx default", 2);

        var requests = Serve(IngressYaml.Write(new IngressYaml("one", "foo.com P /=a")) + classes);

        Assert.All(requests.Configuration.Routes, route => Assert.Equal("ingress-nginx", route.Scope));
    }

    private static ServedRequests Serve(string yaml) => new(yaml, new IngressDialect(), new IngressNginxDialect());

    private static string IngressClass(string words, int day = 1) => words.Split(' ') switch
    {
        [var name, var controller, .. var rest] =>
            $"---\napiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata:\n  name: {name}\n  creationTimestamp: 2026-01-{day:00}T00:00:00Z\n"
            + $"  annotations: {{ingressclass.kubernetes.io/is-default-class: '{(rest.Length > 0 ? "true" : "false")}'}}\nspec: {{controller: {controller}}}\n",
        _ => "",
    };
}
