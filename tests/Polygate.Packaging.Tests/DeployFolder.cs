using System.Diagnostics;
using System.Text.Json.Nodes;
using Polygate.Testing;

namespace Polygate.Packaging.Tests;

/// <summary>What is installed: the manifests of <c>deploy/</c> and the rendered chart, as documents.</summary>
internal static class DeployFolder
{
    /// <summary>Where the chart is installed: not where the manifests are, whose Deployment has the same name and another selector.</summary>
    public const string ChartNamespace = "chart";

    /// <summary>The documents of the YAML files of a folder, in the order in which <c>kubectl apply -f</c> takes them.</summary>
    public static IReadOnlyList<string> Manifests(string folder) =>
        [.. Directory.GetFiles(Path.Combine(SourceTree.Root, folder), "*.yaml").Order(StringComparer.Ordinal).SelectMany(file => Split(File.ReadAllText(file)))];

    /// <summary>The documents that the chart renders to; skips where there is no <c>helm</c>.</summary>
    public static async Task<IReadOnlyList<string>> RenderAsync(string values)
    {
        var helm = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "helm")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(helm is null, "There is no helm on the PATH.");
        var chart = Path.Combine(SourceTree.Root, "deploy", "helm", "polygate");
        using var process = Process.Start(new ProcessStartInfo(helm!, ["template", "polygate", chart, "--namespace", ChartNamespace, .. values.Split(' ', StringSplitOptions.RemoveEmptyEntries)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode == 0 ? Split(output) : throw new InvalidOperationException(await error);
    }

    /// <summary>The arguments of the one container that runs the gateway.</summary>
    public static IReadOnlyList<string> ArgumentsOf(IEnumerable<string> documents) =>
        [.. documents.Select(Json).Where(json => (string?)json["kind"] is "Deployment" or "DaemonSet")
            .Select(json => json["spec"]!["template"]!["spec"]!["containers"]![0]!["args"]!.AsArray().Select(argument => (string)argument!).ToList())
            .Single(arguments => arguments[0] == "run")];

    public static JsonObject Json(string yaml) => Testing.ApiServer.Manifests.Parse(yaml).Single();

    private static List<string> Split(string yaml) =>
        [.. ("\n" + yaml.ReplaceLineEndings("\n")).Split("\n---").Where(document => Testing.ApiServer.Manifests.Parse(document).Count > 0)];
}
