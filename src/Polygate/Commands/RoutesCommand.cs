using System.CommandLine;
using Polygate.Dialects;
using Polygate.Output;
using Polygate.Running;

namespace Polygate.Commands;

/// <summary><c>polygate routes</c>: what a folder serves.</summary>
internal static class RoutesCommand
{
    public static Command Create()
    {
        var config = CommonOptions.Config();
        var dialects = CommonOptions.Dialects();
        var nginx = new IngressNginxFlags();
        var output = CommonOptions.Output("How to print.", "table", "json");
        var command = new Command(
            "routes",
            "Lists what a folder of manifests serves: a line for each host and path, with the dialect, the backend and where it is written.")
        { config, dialects, output };
        nginx.AddTo(command);
        command.SetAction(parsed =>
        {
            var snapshot = Snapshot.Read(parsed.GetRequiredValue(config), CommonOptions.DialectsOf(parsed, dialects, nginx.Apply(parsed, new DialectSettings())), PortMap.Default);
            var writer = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(output) == "json")
            {
                RouteOutput.WriteJson(writer, snapshot.Configuration);
            }
            else
            {
                RouteOutput.WriteTable(writer, snapshot.Configuration);
                DiagnosticOutput.WriteHint(writer, snapshot.Diagnostics);
            }

            return 0;
        });
        return command;
    }
}
