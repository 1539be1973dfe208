using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using Polygate.Admission;
using Polygate.Logging;

namespace Polygate.Commands;

/// <summary><c>polygate webhook</c>: a validating admission webhook.</summary>
internal sealed class WebhookCommand
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(10);

    private readonly Option<IPEndPoint> listen = new("--listen", "-l")
    {
        Description = "Address and port to listen on, with HTTPS.",
        HelpName = "ADDRESS:PORT",
        DefaultValueFactory = _ => new IPEndPoint(IPAddress.IPv6Any, 9443),
        CustomParser = EndPointOption.Parse,
    };

    private readonly Option<string> certificate = new("--certificate")
    {
        Description = "The server's certificate, with those that it needs to be verified, in PEM. Read again when it changes.",
        HelpName = "FILE",
        Required = true,
    };

    private readonly Option<string> key = new("--key") { Description = "The certificate's private key, in PEM. Read again when it changes.", HelpName = "FILE", Required = true };
    private readonly Option<string[]> dialects = CommonOptions.Dialects();
    private readonly ClusterOptions cluster = new();
    private readonly ClassOptions classes = new("A review shows no classes.");
    private readonly Option<string[]> gateways = new("--gateway")
    {
        Description = "Judge only routes of these Gateways; by default all routes.",
        HelpName = "NAMESPACE/NAME",
        AllowMultipleArgumentsPerToken = true,
        Validators = { ValidateGateways },
    };

    private readonly Option<string> localBackends = CommonOptions.LocalBackends("As for run on a cluster: auto refuses them.");
    private readonly Option<int> shutdownDelay = new("--shutdown-delay")
    {
        Description = "Seconds to go on answering after SIGTERM, until nobody is sent here any more.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 5,
        Validators = { ValidateDelay },
    };

    private readonly Option<string> logFormat = CommonOptions.Choice("--log-format", "The program's own log on the standard error.", "console", "json");

    private WebhookCommand()
    {
    }

    public static Command Create()
    {
        var options = new WebhookCommand();
        var command = new Command(
            "webhook",
            "Runs a validating admission webhook: objects with errors that \"check\" would report are refused when they are applied. It needs no rights in the cluster.")
        {
            options.listen, options.certificate, options.key, options.dialects, options.gateways, options.localBackends, options.shutdownDelay, options.logFormat,
        };
        foreach (var option in options.classes.All.Concat(options.cluster.OfClasses))
        {
            command.Add(option);
        }

        command.SetAction(options.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var log = new ProgramLog(parsed.InvocationConfiguration.Error, parsed.GetValue(logFormat) == "json", TimeProvider.System);
        try
        {
            var judge = new ObjectJudge(
                CommonOptions.DialectsOf(parsed, dialects, cluster.DialectsOf(parsed)), ScopeOf(parsed), CommonOptions.RefusesLocalBackends(parsed, localBackends, auto: true));
            var files = CertificateFiles.Load(parsed.GetRequiredValue(certificate), parsed.GetRequiredValue(key), log);
            await using var server = await AdmissionServer.StartAsync(parsed.GetRequiredValue(listen), files, judge.Judge, log);
            log.Write(LogLevel.Info, $"The admission webhook listens on https://{server.EndPoint}/validate");
            await files.WatchAsync(BetweenLooks, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            server.IsReady = false;
            await Task.Delay(TimeSpan.FromSeconds(parsed.GetValue(shutdownDelay)), CancellationToken.None);
            return 0;
        }
        catch (IOException exception)
        {
            log.Write(LogLevel.Error, $"Cannot start: {exception.Message}");
            return CommandTree.Failed;
        }
    }

    private AdmissionScope ScopeOf(ParseResult parsed) => new()
    {
        IngressClasses = classes.IngressClassesOf(parsed),
        GatewayClasses = classes.GatewayClassesOf(parsed),
        Gateways = (parsed.GetValue(gateways) ?? []).ToHashSet(StringComparer.Ordinal),
        ControllerName = cluster.DialectsOf(parsed).GatewayApi.ControllerName,
    };

    private static void ValidateGateways(OptionResult result)
    {
        foreach (var token in result.Tokens.Where(token => token.Value.Split('/') is not [{ Length: > 0 }, { Length: > 0 }]))
        {
            result.AddError($"--gateway is a namespace and a name, such as default/shop; \"{token.Value}\" is not.");
        }
    }

    private static void ValidateDelay(OptionResult result)
    {
        if (result.Tokens is [{ Value: var text }] && (!int.TryParse(text, out var seconds) || seconds is < 0 or > 300))
        {
            result.AddError("--shutdown-delay is a number of seconds from 0 to 300.");
        }
    }
}
