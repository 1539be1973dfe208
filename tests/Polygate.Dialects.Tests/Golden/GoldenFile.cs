using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Sources;
using Polygate.Model;
using Polygate.Testing;

namespace Polygate.Dialects.Tests.Golden;

/// <summary>
/// Golden files: a folder below the test project with <c>in.yaml</c> and <c>out.txt</c>, the model, statuses and
/// diagnostics it becomes. Run the tests with <c>POLYGATE_UPDATE_GOLDEN=1</c> to write <c>out.txt</c>, then read the difference.
/// </summary>
internal static class GoldenFile
{
    /// <summary>Translates <c>in.yaml</c> of a folder and compares with its <c>out.txt</c>.</summary>
    /// <param name="folder">Relative to the test project, for example <c>Traefik/golden/replace-path</c>.</param>
    /// <param name="dialects">The dialects that take part.</param>
    public static void Verify(string folder, params IDialect[] dialects)
    {
        var directory = Path.Combine(ProjectFolder(), folder);
        var (translator, readProblems) = Translate(File.ReadAllText(Path.Combine(directory, "in.yaml")), dialects);
        var actual = ModelDump.Write(translator) + string.Concat(readProblems.Select(problem =>
            $"reading: {problem.Severity.ToString().ToLowerInvariant()} {problem.Code} {problem.Origin.File}:{problem.Origin.Line} {problem.Origin.Field}: {problem.Message}\n"));
        var expectedFile = Path.Combine(directory, "out.txt");
        if (Environment.GetEnvironmentVariable("POLYGATE_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(expectedFile, actual);
        }

        Assert.True(File.Exists(expectedFile), $"{expectedFile} is missing: run with POLYGATE_UPDATE_GOLDEN=1 and review it.");
        Assert.Equal(File.ReadAllText(expectedFile).ReplaceLineEndings("\n"), actual);
    }

    /// <summary>Translates YAML; also gives what the reader had to say.</summary>
    public static (Translator Translator, IReadOnlyList<Diagnostic> ReadProblems) Translate(string yaml, params IDialect[] dialects)
    {
        var reader = new ManifestReader([.. dialects.SelectMany(dialect => dialect.ResourceTypes).Distinct()]);
        var file = reader.Read("in.yaml", yaml);
        var translator = new Translator(dialects);
        translator.Apply(file.Resources, []);
        return (translator, file.Diagnostics);
    }

    /// <summary>The golden folders below a folder of the test project, for theories.</summary>
    public static TheoryData<string> Folders(string parent)
    {
        var data = new TheoryData<string>();
        foreach (var folder in Directory.GetDirectories(Path.Combine(ProjectFolder(), parent)).Order(StringComparer.Ordinal))
        {
            data.Add(Path.Combine(parent, Path.GetFileName(folder)));
        }

        return data;
    }

    /// <summary>The folder of the test project.</summary>
    public static string ProjectFolder() => Path.Combine(SourceTree.Root, "tests", "Polygate.Dialects.Tests");
}
