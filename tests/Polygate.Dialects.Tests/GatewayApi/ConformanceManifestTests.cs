using Polygate.Dialects.GatewayApi;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Sources;
using Polygate.Model;
using Polygate.Testing;

namespace Polygate.Dialects.Tests.GatewayApi;

/// <summary>
/// The manifests of the Gateway API conformance suite: none of them is misread, and what is wrong with some of them on
/// purpose, and nothing else, is reported. They are not part of this repository.
/// </summary>
public sealed class ConformanceManifestTests
{
    /// <summary>What the suite makes at run time, so that it is missing in the files.</summary>
    private const string Generated = "gateway-conformance-infra/tls-validity-checks-certificate";

    /// <summary>The errors that a file is there to cause.</summary>
    private static readonly Dictionary<string, string[]> Intended = new()
    {
        ["httproute-disallowed-kind"] = ["not-allowed-by-listeners"],
        ["httproute-hostname-intersection"] = ["no-matching-listener-hostname"],
        ["httproute-invalid-backendref-unknown-kind"] = ["invalid-kind"],
        ["httproute-invalid-cross-namespace-backend-ref"] = ["ref-not-permitted"],
        ["httproute-invalid-cross-namespace-parent-ref"] = ["not-allowed-by-listeners"],
        ["httproute-invalid-nonexistent-backendref"] = ["backend-not-found"],
        ["httproute-invalid-parentref-not-matching-listener-port"] = ["no-matching-parent"],
        ["httproute-invalid-parentref-not-matching-section-name"] = ["no-matching-parent"],
        ["httproute-invalid-parentref-section-name-not-matching-port"] = ["no-matching-parent"],
        ["httproute-invalid-reference-grant"] = ["ref-not-permitted"],
        ["httproute-partially-invalid-via-invalid-reference-grant"] = ["ref-not-permitted"],
    };

    public static TheoryData<string> HttpRouteTests
    {
        get
        {
            var data = new TheoryData<string>();
            foreach (var file in ConformanceManifests.Folder() is { } folder ? Directory.GetFiles(Path.Combine(folder, "tests"), "httproute-*.yaml").Order(StringComparer.Ordinal) : Enumerable.Empty<string>())
            {
                data.Add(Path.GetFileNameWithoutExtension(file));
            }

            if (data.Count == 0)
            {
                data.Add("absent");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(HttpRouteTests))]
    public void An_HTTPRoute_test_has_only_the_errors_it_is_there_for(string test)
    {
        var folder = Present();
        var files = new[] { Path.Combine(folder, "base", "manifests.yaml"), Path.Combine(folder, "tests", test + ".yaml") };

        var errors = Problems(files).Where(problem => problem.Severity == DiagnosticSeverity.Error).ToList();

        var intended = Intended.GetValueOrDefault(test, []);
        Assert.Empty(errors.Where(error => !intended.Contains(error.Code)).Select(error => error.ToString()));
        Assert.Equal(intended.Length > 0, errors.Count > 0);
    }

    [Fact]
    public void Every_manifest_is_read_without_an_unknown_field()
    {
        var folder = Present();

        foreach (var file in Directory.GetFiles(folder, "*.yaml", SearchOption.AllDirectories))
        {
            var read = new ManifestReader(new GatewayApiDialect().ResourceTypes).Read(Path.GetFileName(file), File.ReadAllText(file));
            Assert.Empty(read.Diagnostics.Select(diagnostic => diagnostic.ToString()));
        }
    }

    [Fact]
    public void No_manifest_makes_the_translation_fail()
    {
        var folder = Present();

        foreach (var file in Directory.GetFiles(Path.Combine(folder, "tests"), "*.yaml"))
        {
            var problems = Problems([Path.Combine(folder, "base", "manifests.yaml"), file]);
            Assert.DoesNotContain(problems, problem => problem.Code == "internal-error");
        }
    }

    private static IReadOnlyList<Diagnostic> Problems(IEnumerable<string> files)
    {
        var dialect = new GatewayApiDialect();
        var reader = new ManifestReader(dialect.ResourceTypes);
        var translator = new Translator([dialect]);
        var read = files.Select(file => reader.Read(Path.GetFileName(file), File.ReadAllText(file))).ToList();
        translator.Apply(read.SelectMany(file => file.Resources), []);
        return [.. read.SelectMany(file => file.Diagnostics), .. translator.Diagnostics.Where(problem => !problem.Message.Contains(Generated, StringComparison.Ordinal))];
    }

    private static string Present()
    {
        var folder = ConformanceManifests.Folder();
        Assert.SkipWhen(folder is null, ConformanceManifests.Absent);
        return folder!;
    }
}
