using CsCheck;
using Polygate.Dialects.Ingress;
using Polygate.Dialects.IngressNginx;
using Polygate.Dialects.Pipeline;
using Polygate.Dialects.Tests.Ingress;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Sources;

namespace Polygate.Dialects.Tests.IngressNginx;

/// <summary>Ingresses that share hosts depend on each other; each change must reach all that it concerns.</summary>
public sealed class ChangeTests
{
    private static readonly IngressYaml[] Versions =
    [
        new("one", "h.test P /foo=a; i.test P /=a"),
        Nginx.Annotated("one", "h.test P /foo=a; i.test P /=a"),
        Nginx.Annotated("one", "h.test P /foo=a", "rewrite-target: /x"),
        Nginx.Annotated("one", "h.test P /foo=a", "server-alias: i.test, j.test"),
        Nginx.Annotated("two", "h.test P /foo=b; i.test P /bar/=b"),
        Nginx.Annotated("two", "h.test P /foo=b", "canary: true | canary-weight: 10"),
        Nginx.Annotated("two", "i.test P /bar=b", "auth-tls-secret: default/ca"),
        Nginx.Annotated("two", "i.test P /bar=b", "app-root: /x | limit-rps: oops"),
        Nginx.Annotated("three", "h.test E /foo=c; *.test P /=c", "app-root: /x | from-to-www-redirect: true", spec: "tls: [{hosts: [h.test]}]"),
        Nginx.Annotated("three", "h.test P /foo=c", "canary: true | canary-by-header: X-C", day: 1),
        Nginx.Annotated("three", "www.h.test P /=c; i.test P /bar=c", "from-to-www-redirect: true"),
        new("three", "i.test P /=b") { Day = 2, Spec = "tls: [{hosts: [i.test], secretName: s}]" },
        new("four", "i.test P /=d") { Day = 1, Spec = "tls: [{hosts: [i.test], secretName: t}]\ndefaultBackend: {service: {name: a, port: {number: 80}}}" },
        Nginx.Annotated("four", "", day: 1, spec: "defaultBackend: {service: {name: a, port: {number: 80}}}"),
    ];

    private static readonly Gen<(int Version, bool Removed)[]> Steps = Gen.Select(Gen.Int[0, Versions.Length - 1], Gen.Bool).Array[1, 12];

    [Fact]
    public void Translating_change_by_change_comes_to_the_same_as_translating_the_end() => Steps.Sample(
        steps =>
        {
            var stepwise = NewTranslator();
            var present = new Dictionary<string, Resource>();
            foreach (var (version, removed) in steps)
            {
                var (name, resource) = (Versions[version].Name, Read(Versions[version]));
                if (!removed)
                {
                    present[name] = resource;
                    stepwise.Apply([resource], []);
                }
                else if (present.Remove(name, out var old))
                {
                    stepwise.Apply([], [old]);
                }
            }

            var atOnce = NewTranslator();
            atOnce.Apply(present.Values, []);

            Assert.Equal(
                atOnce.Configuration.Pieces.OrderBy(pair => pair.Key, StringComparer.Ordinal),
                stepwise.Configuration.Pieces.OrderBy(pair => pair.Key, StringComparer.Ordinal));
            Assert.Equal(atOnce.Diagnostics, stepwise.Diagnostics);
        },
        iter: 150);

    [Fact]
    public void A_change_on_one_host_leaves_the_pieces_of_others_as_they_are()
    {
        var translator = NewTranslator();
        var other = Read(Nginx.Annotated("other", "other.test P /=a"));
        var before = translator.Apply([Read(Nginx.Annotated("one", "h.test P /=a")), other], []);

        var after = translator.Apply([Read(Nginx.Annotated("one", "h.test P /=b", "rewrite-target: /x"))], []);

        Assert.NotSame(before, after);
        var id = "ingress-nginx/Ingress.networking.k8s.io/default/other";
        Assert.Same(before.Pieces[id], after.Pieces[id]);
    }

    private static Translator NewTranslator() => new([new IngressDialect(), new IngressNginxDialect()]);

    private static Resource Read(IngressYaml ingress) =>
        new ManifestReader([CoreTypes.Ingress]).Read("in.yaml", ingress.ToString()).Resources.Single();
}
