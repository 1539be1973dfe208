using Polygate.Dialects.IngressNginx;
using Polygate.Dialects.Tests.Ingress;

namespace Polygate.Dialects.Tests.IngressNginx;

/// <summary>Ingresses of the class nginx in few words.</summary>
internal static class Nginx
{
    /// <param name="name">The object's name.</param>
    /// <param name="paths">As in <see cref="IngressYaml"/>.</param>
    /// <param name="annotations">Without the prefix: <c>name: value</c>, parted by bars.</param>
    /// <param name="day">When it was created.</param>
    /// <param name="spec">As in <see cref="IngressYaml"/>.</param>
    public static IngressYaml Annotated(string name, string paths, string annotations = "", int day = 0, string spec = "") => new(name, paths)
    {
        Class = "nginx",
        Day = day,
        Spec = spec,
        Annotations = annotations.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(entry => entry.Split(": ", 2))
            .ToDictionary(pair => "nginx.ingress.kubernetes.io/" + pair[0], pair => pair[1]),
    };

    public static ServedRequests Serve(params IngressYaml[] ingresses) => Serve("", ingresses);

    /// <param name="more">Further documents.</param>
    /// <param name="ingresses">The Ingresses.</param>
    public static ServedRequests Serve(string more, params IngressYaml[] ingresses) =>
        new(IngressYaml.Write(ingresses) + (more.Length > 0 ? "---\n" + more : ""), new IngressNginxDialect());

    public static ServedRequests Serve(IngressNginxOptions options, string more, params IngressYaml[] ingresses) =>
        new(IngressYaml.Write(ingresses) + (more.Length > 0 ? "---\n" + more : ""), new IngressNginxDialect(options));
}
