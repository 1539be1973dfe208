using System.Diagnostics;

namespace Polygate.Kubernetes.Tests;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder() => Path = Directory.CreateTempSubdirectory("polygate-").FullName;

    public string Path { get; }

    public string this[string file] => System.IO.Path.Combine(Path, file);

    public void Write(string file, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[file])!);
        File.WriteAllText(this[file], text);
    }

    /// <summary>Replaces a file as editors do: by a new one under its name.</summary>
    public void Replace(string file, string text)
    {
        var draft = this[file] + "~";
        File.WriteAllText(draft, text);
        File.Move(draft, this[file], overwrite: true);
    }

    /// <summary>Renames a symbolic link over another at once, which .NET does not do for links to folders.</summary>
    public void SwapLink(string from, string to)
    {
        using var move = Process.Start("mv", ["-fT", this[from], this[to]]);
        move.WaitForExit();
        Assert.Equal(0, move.ExitCode);
    }

    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
