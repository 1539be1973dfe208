namespace Polygate.Tests;

/// <summary>A folder of manifests that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder() => Path = Directory.CreateTempSubdirectory("polygate-").FullName;

    public string Path { get; }

    public void Write(string file, string text)
    {
        var draft = System.IO.Path.Combine(Path, "." + file);
        File.WriteAllText(draft, text);
        File.Move(draft, System.IO.Path.Combine(Path, file), overwrite: true);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
