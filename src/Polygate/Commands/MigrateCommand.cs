using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using Polygate.Dialects;
using Polygate.Dialects.IngressNginx;
using Polygate.Dialects.IngressNginx.Migration;
using Polygate.Dialects.IngressNginx.Migration.Manifests;
using Polygate.Kubernetes.Cluster.Api;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Sources;
using Polygate.Migration;
using Polygate.Output;

namespace Polygate.Commands;

/// <summary><c>polygate migrate</c>: what becomes of objects that ran on another controller.</summary>
internal sealed class MigrateCommand
{
    private readonly Option<string> config = CommonOptions.Config(isRequired: false);
    private readonly Option<string?> kubeconfig = ClusterOptions.Kubeconfig();
    private readonly Option<string?> context = ClusterOptions.Context();
    private readonly Option<string[]> namespaces = new("--watch-namespaces")
    {
        Description = "Only Ingresses and Services of these namespaces of the cluster.",
        HelpName = "NAME",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string> output = CommonOptions.Output("How to print: a table or JSON.", "table", "json");
    private readonly Option<string> failOn = CommonOptions.Choice("--fail-on", "The outcome that makes the exit code 1: an object that is unsupported, or already one that differs.", "unsupported", "differs", "never");
    private readonly Option<string> write = new("--write-gateway-api")
    {
        Description = "Writes Gateway API manifests of what can be said so into this file; comments in it name the rest. - is the standard output.",
        HelpName = "FILE",
    };

    private readonly Option<bool> policies = new("--with-policies")
    {
        Description = "For --write-gateway-api: policies of gateway.polygate.io as well, for limits, addresses and passwords.",
    };

    private readonly Option<string?> gateway = IngressNginxFlags.FullName("--gateway", "For --write-gateway-api: the Gateway that is written; by default default/ingress-nginx.");

    private readonly IngressNginxFlags flags = new();

    public static Command Create() => new(
        "migrate", "Reports what becomes of objects that ran on another controller.")
    {
        new MigrateCommand().IngressNginx(),
    };

    private Command IngressNginx()
    {
        var command = new Command(
            "ingress-nginx",
            "Reads the Ingresses that ran on ingress-nginx, with its ConfigMaps, and says object by object what behaves the same, what differs and what is not supported. They are read from a folder, or else from a cluster, in which nothing is written.")
        { config, kubeconfig, context, namespaces, output, failOn, write, policies, gateway };
        flags.AddTo(command);
        command.Validators.Add(Validate);
        command.SetAction(RunAsync);
        return command;
    }

    private void Validate(CommandResult result)
    {
        Option[] ofCluster = [kubeconfig, context, namespaces];
        if (result.GetValue(config) is not null && ofCluster.FirstOrDefault(option => result.GetResult(option) is { Implicit: false }) is { } wrong)
        {
            result.AddError($"{wrong.Name} is about a cluster; --config reads a folder.");
        }

        Option[] ofManifests = [policies, gateway];
        if (result.GetValue(write) is null && ofManifests.FirstOrDefault(option => result.GetResult(option) is { Implicit: false }) is { } useless)
        {
            result.AddError($"{useless.Name} is for --write-gateway-api.");
        }
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var error = parsed.InvocationConfiguration.Error;
        var options = flags.Apply(parsed, new DialectSettings()).IngressNginx;
        try
        {
            var report = MigrationReport.Of(await ObjectsAsync(parsed, options, stop), options);
            Write(parsed, report);
            return Code(report, parsed.GetValue(failOn)!);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ApiException or HttpRequestException or TimeoutException or JsonException)
        {
            error.WriteLine(exception.Message);
            return CommandTree.Failed;
        }
    }

    private async Task<IReadOnlyList<Resource>> ObjectsAsync(ParseResult parsed, IngressNginxOptions options, CancellationToken stop)
    {
        var error = parsed.InvocationConfiguration.Error;
        if (parsed.GetValue(config) is { } folder)
        {
            var batch = FolderSource.ReadOnce(folder, Composition.Reader([new IngressNginxDialect()]));
            foreach (var diagnostic in batch.Diagnostics)
            {
                error.WriteLine(DiagnosticOutput.Line(diagnostic));
            }

            return [.. batch.Set];
        }

        using var api = await ApiClient.CreateAsync(new ClusterSettings(parsed.GetValue(kubeconfig), parsed.GetValue(context)));
        return await new ClusterIngresses(api, options, error.WriteLine).ReadAsync(parsed.GetValue(namespaces) ?? [], stop);
    }

    private void Write(ParseResult parsed, MigrationReport report)
    {
        var writer = parsed.InvocationConfiguration.Output;
        var file = parsed.GetValue(write);
        var manifests = file is null ? null : GatewayApiManifests.Write(report, SettingsOf(parsed));
        if (file is not null and not "-")
        {
            File.WriteAllText(file, manifests!.Text);
        }

        if (file == "-")
        {
            writer.Write(manifests!.Text);
        }
        else if (parsed.GetValue(output) == "json")
        {
            MigrationOutput.WriteJson(writer, report, manifests);
        }
        else
        {
            MigrationOutput.WriteTable(writer, report, manifests);
        }
    }

    private ManifestSettings SettingsOf(ParseResult parsed)
    {
        var settings = new ManifestSettings { WithPolicies = parsed.GetValue(policies) };
        return parsed.GetValue(gateway)?.Split('/') is [var ns, var name] ? settings with { GatewayNamespace = ns, GatewayName = name } : settings;
    }

    private static int Code(MigrationReport report, string failOn) => failOn switch
    {
        "never" => 0,
        "differs" => report.Count(MigrationOutcome.Unsupported) + report.Count(MigrationOutcome.Differs) > 0 ? 1 : 0,
        _ => report.Count(MigrationOutcome.Unsupported) > 0 ? 1 : 0,
    };
}
