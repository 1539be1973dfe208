using Polygate.Dialects.IngressNginx;
using Polygate.Dialects.Tests.Golden;
using Polygate.Dialects.Tests.Ingress;
using Polygate.Model;

namespace Polygate.Dialects.Tests.IngressNginx;

/// <summary>Ingresses of the class nginx in few words.</summary>
internal static class Nginx
{
    /// <summary>As <see cref="IngressYaml.Nginx"/>.</summary>
    public static IngressYaml Annotated(string name, string paths, string annotations = "", int day = 0, string spec = "") =>
        IngressYaml.Nginx(name, paths, annotations, day, spec);

    /// <summary>What an Ingress and further documents become, for filters that need more than a routing table to be tried.</summary>
    public static (GatewayConfiguration Configuration, IReadOnlyList<Diagnostic> Diagnostics) Translate(string more, params IngressYaml[] ingresses)
    {
        var (translator, problems) = GoldenFile.Translate(IngressYaml.Write(ingresses) + "---\n" + more, [new IngressNginxDialect()]);
        Assert.Empty(problems);
        return (translator.Configuration, translator.Diagnostics);
    }

    public static ServedRequests Serve(params IngressYaml[] ingresses) => Serve("", ingresses);

    /// <param name="more">Further documents.</param>
    /// <param name="ingresses">The Ingresses.</param>
    public static ServedRequests Serve(string more, params IngressYaml[] ingresses) =>
        new(IngressYaml.Write(ingresses) + (more.Length > 0 ? "---\n" + more : ""), new IngressNginxDialect());

    public static ServedRequests Serve(IngressNginxOptions options, string more, params IngressYaml[] ingresses) =>
        new(IngressYaml.Write(ingresses) + (more.Length > 0 ? "---\n" + more : ""), new IngressNginxDialect(options));
}
