using System.CommandLine;
using Polygate.Dialects;
using Polygate.Model;
using Polygate.Output;
using Polygate.Running;

namespace Polygate.Commands;

/// <summary><c>polygate check</c>: what is wrong in a folder.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var config = CommonOptions.Config();
        var dialects = CommonOptions.Dialects();
        var nginx = new IngressNginxFlags();
        var mapPort = MapPortOption.Create();
        var output = CommonOptions.Output("How to print: a table, JSON, or annotations for GitHub Actions.", "table", "json", "github");
        var command = new Command(
            "check",
            "Reports what is wrong in a folder of manifests, with file and line. The exit code is 1 when there are errors.")
        { config, dialects, mapPort, output };
        nginx.AddTo(command);
        command.SetAction(parsed =>
        {
            var folder = parsed.GetRequiredValue(config);
            var diagnostics = Snapshot.Read(folder, CommonOptions.DialectsOf(parsed, dialects, nginx.Apply(parsed, new DialectSettings())), new PortMap(null, MapPortOption.PortsOf(parsed, mapPort))).Diagnostics;
            var writer = parsed.InvocationConfiguration.Output;
            switch (parsed.GetValue(output))
            {
                case "json":
                    DiagnosticOutput.WriteJson(writer, diagnostics);
                    break;
                case "github":
                    DiagnosticOutput.WriteGitHub(writer, folder, diagnostics);
                    break;
                default:
                    DiagnosticOutput.WriteTable(writer, diagnostics);
                    break;
            }

            return diagnostics.Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error) ? 1 : 0;
        });
        return command;
    }
}
