namespace Polygate.EndToEnd.Tests;

/// <summary>A folder of configuration that goes away with the test.</summary>
internal sealed class ConfigurationFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("polygate-e2e-").FullName;

    public string this[string file] => System.IO.Path.Combine(Path, file);

    public void Write(string file, string content) => File.WriteAllText(this[file], content);

    /// <summary>Writes a file the way careful programs do: beside it, then renamed over it.</summary>
    public void Replace(string file, string content)
    {
        var beside = this["." + file + ".new"];
        File.WriteAllText(beside, content);
        File.Move(beside, this[file], overwrite: true);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
