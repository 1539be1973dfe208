using System.CommandLine;
using Polygate.Access;

namespace Polygate.Commands;

/// <summary><c>polygate crds</c>: the definitions of this gateway's own kinds.</summary>
internal static class DefinitionsCommand
{
    public static Command Create()
    {
        var command = new Command("crds", "Prints the definitions of the kinds of gateway.polygate.io (policies), as manifests.");
        command.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.Write(PolicyDefinitions.Manifests());
            return 0;
        });
        return command;
    }
}
