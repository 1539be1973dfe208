using System.CommandLine;
using Polygate.Dialects.IngressNginx;
using Polygate.Dialects.IngressNginx.Migration;
using Polygate.Kubernetes.Sources;
using Polygate.Output;

namespace Polygate.Commands;

/// <summary><c>polygate migrate</c>: what becomes of objects that ran on another controller.</summary>
internal static class MigrateCommand
{
    public static Command Create() => new(
        "migrate", "Reports what becomes of objects that ran on another controller.")
    {
        IngressNginx(),
    };

    private static Command IngressNginx()
    {
        var config = CommonOptions.Config();
        var output = CommonOptions.Output("How to print: a table or JSON.", "table", "json");
        var failOn = CommonOptions.Choice("--fail-on", "The outcome that makes the exit code 1: an object that is unsupported, or already one that differs.", "unsupported", "differs", "never");
        var write = new Option<string>("--write-gateway-api")
        {
            Description = "Writes Gateway API manifests of what can be said so into this file; comments in it name the rest. - is the standard output.",
            HelpName = "FILE",
        };
        var command = new Command(
            "ingress-nginx",
            "Reads a folder of Ingresses that ran on ingress-nginx, with its ConfigMaps, and says object by object what behaves the same, what differs and what is not supported.")
        { config, output, failOn, write };
        command.SetAction(parsed =>
        {
            var batch = FolderSource.ReadOnce(parsed.GetRequiredValue(config), Composition.Reader([new IngressNginxDialect()]));
            var report = MigrationReport.Of([.. batch.Set]);
            var writer = parsed.InvocationConfiguration.Output;
            switch (parsed.GetValue(write))
            {
                case null:
                    break;
                case "-":
                    writer.Write(GatewayApiManifests.Write(report.Configuration));
                    break;
                case var file:
                    File.WriteAllText(file, GatewayApiManifests.Write(report.Configuration));
                    break;
            }

            if (parsed.GetValue(write) != "-")
            {
                if (parsed.GetValue(output) == "json")
                {
                    MigrationOutput.WriteJson(writer, report);
                }
                else
                {
                    MigrationOutput.WriteTable(writer, report);
                }
            }

            return Code(report, parsed.GetValue(failOn)!);
        });
        return command;
    }

    private static int Code(MigrationReport report, string failOn) => failOn switch
    {
        "never" => 0,
        "differs" => report.Count(MigrationOutcome.Unsupported) + report.Count(MigrationOutcome.Differs) > 0 ? 1 : 0,
        _ => report.Count(MigrationOutcome.Unsupported) > 0 ? 1 : 0,
    };
}
