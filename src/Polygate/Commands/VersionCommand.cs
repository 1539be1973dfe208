using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Polygate.Commands;

/// <summary><c>polygate version</c>.</summary>
internal static class VersionCommand
{
    public static string Version { get; } =
        typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    public static Command Create()
    {
        var command = new Command("version", "Prints the version of this program, of its runtime, and the platform.");
        command.SetAction(parsed => parsed.InvocationConfiguration.Output.WriteLine(
            $"polygate {Version} ({RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier})"));
        return command;
    }
}
