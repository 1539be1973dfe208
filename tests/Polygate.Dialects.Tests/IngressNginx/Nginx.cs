using Polygate.Dialects.IngressNginx;
using Polygate.Dialects.Tests.Ingress;

namespace Polygate.Dialects.Tests.IngressNginx;

/// <summary>Ingresses of the class nginx in few words.</summary>
internal static class Nginx
{
    /// <summary>As <see cref="IngressYaml.Nginx"/>.</summary>
    public static IngressYaml Annotated(string name, string paths, string annotations = "", int day = 0, string spec = "") =>
        IngressYaml.Nginx(name, paths, annotations, day, spec);

    public static ServedRequests Serve(params IngressYaml[] ingresses) => Serve("", ingresses);

    /// <param name="more">Further documents.</param>
    /// <param name="ingresses">The Ingresses.</param>
    public static ServedRequests Serve(string more, params IngressYaml[] ingresses) =>
        new(IngressYaml.Write(ingresses) + (more.Length > 0 ? "---\n" + more : ""), new IngressNginxDialect());

    public static ServedRequests Serve(IngressNginxOptions options, string more, params IngressYaml[] ingresses) =>
        new(IngressYaml.Write(ingresses) + (more.Length > 0 ? "---\n" + more : ""), new IngressNginxDialect(options));
}
