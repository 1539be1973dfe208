using Polygate.Dialects.IngressNginx.Annotations;
using static Polygate.Dialects.Tests.IngressNginx.Nginx;

namespace Polygate.Dialects.Tests.IngressNginx;

public sealed class AnnotationTableTests
{
    public static TheoryData<string> Names => [.. AnnotationTable.All.Select(info => info.Name)];

    private static readonly string[] Values =
        ["x", "true", "-1", "99999999999999999999", "$request_uri", "a/b/c", "~(", "'\";{}", "http://[", "/", ",", "ü\u2028"];

    [Fact]
    public void It_has_all_annotations_of_ingress_nginx_with_their_risks()
    {
        Assert.Equal(136, AnnotationTable.All.Select(info => info.Name).Distinct().Count());
        Assert.Equal(
            [(AnnotationRisk.Low, 76), (AnnotationRisk.Medium, 45), (AnnotationRisk.High, 10), (AnnotationRisk.Critical, 5)],
            AnnotationTable.All.GroupBy(info => info.Risk).OrderBy(group => group.Key).Select(group => (group.Key, group.Count())));
        Assert.Equal(2, AnnotationTable.Aliases.Count);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void No_value_of_any_annotation_fails_the_translation(string name)
    {
        var others = name is "canary" or "enable-cors" or "affinity" or "auth-type" ? "" : "enable-cors: true | affinity: cookie | auth-type: basic | canary: true";
        var ingresses = Values.SelectMany((value, i) => new[]
        {
            Annotated($"one-{i}", $"h{i}.test I /x(.*)=a", $"{name}: {value}"),
            Annotated($"two-{i}", $"h{i}.test I /x(.*)=b", $"{name}: {value} | {others}"),
        });

        Assert.DoesNotContain(Serve([.. ingresses]).Diagnostics, diagnostic => diagnostic.Code == "internal-error");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_not_supported_is_never_silent(string name)
    {
        var info = AnnotationTable.Find(name)!;
        if (info.Support is AnnotationSupport.Supported or AnnotationSupport.Partly)
        {
            return;
        }

        var requests = Serve(Annotated("one", "h.test P /=a", $"{name}: something"));
        Assert.Contains(requests.Diagnostics, diagnostic => diagnostic.Origin.Field == $"metadata.annotations[nginx.ingress.kubernetes.io/{name}]");
    }
}
