using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using Polygate.Dialects;
using Polygate.Dialects.GatewayApi.Addresses;
using Polygate.Logging;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Transport;
using Polygate.Running;

namespace Polygate.Commands;

/// <summary><c>polygate run</c>: the gateway.</summary>
internal sealed class RunCommand
{
    private readonly Option<string> config = CommonOptions.Config(isRequired: false);
    private readonly ClusterOptions cluster = new();
    private readonly Option<string[]> dialects = CommonOptions.Dialects();
    private readonly Option<IPAddress?> address = new("--address")
    {
        Description = "The address to bind for every listener. By default the one that a listener names, or all.",
        HelpName = "ADDRESS",
        CustomParser = ParseAddress,
    };

    private readonly Option<string[]> mapPort = MapPortOption.Create();

    private readonly Option<GatewayAddressPool?> gatewayAddresses = GatewayAddressesOption.Create();

    private readonly Option<IPEndPoint> admin = new("--admin")
    {
        Description = "Address and port of /livez, /readyz and /metrics.",
        HelpName = "ADDRESS:PORT",
        DefaultValueFactory = _ => new IPEndPoint(IPAddress.Loopback, 9901),
        CustomParser = EndPointOption.Parse,
    };

    private readonly Option<IPEndPoint?> probes = new("--probes")
    {
        Description = "Another address and port of /livez, /readyz and /metrics, for kubelets and Prometheus that are not on this host.",
        HelpName = "ADDRESS:PORT",
        CustomParser = EndPointOption.Parse,
    };

    private readonly Option<string> accessLog = CommonOptions.Choice("--access-log", "A line for each request on the standard output.", "json", "json-times", "common", "off");
    private readonly Option<string> logFormat = CommonOptions.Choice("--log-format", "The program's own log on the standard error.", "console", "json");
    private readonly Option<int> loops = new("--loops")
    {
        Description = "Event loops; by default one a core.",
        HelpName = "N",
        DefaultValueFactory = _ => Environment.ProcessorCount,
        Validators = { ValidateLoops },
    };

    private readonly Option<string> transport = CommonOptions.Choice("--transport", "How sockets are driven; auto is epoll on Linux.", "auto", "epoll", "sockets");
    private readonly Option<string[]> trustedProxies = new("--trusted-proxies")
    {
        Description = "Networks of proxies before this one, whose X-Forwarded-For is believed.",
        HelpName = "CIDR",
        AllowMultipleArgumentsPerToken = true,
        Validators = { ValidateNetworks },
    };

    private readonly Option<string> forwarded = CommonOptions.Choice(
        "--forwarded", "Tell backends of clients by Forwarded (RFC 7239) too, with the address or with a name drawn for each request.", "off", "address", "obfuscated");

    private readonly Option<string> localBackends = CommonOptions.LocalBackends("auto refuses them on a cluster and allows them in a folder.");

    private readonly IngressNginxFlags nginx = new();
    private readonly Option<bool> nginxMetrics = new("--ingress-nginx-metrics")
    {
        Description = "Tell requests, connections and certificates under the names that ingress-nginx's dashboards know, too.",
    };

    private readonly Option<int> drainTimeout = new("--drain-timeout")
    {
        Description = "Seconds that requests under way may take after SIGTERM.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 30,
        Validators = { ValidateDrainTimeout },
    };

    private RunCommand()
    {
    }

    public static Command Create()
    {
        var options = new RunCommand();
        var command = new Command(
            "run",
            "Runs the gateway on a cluster, or on a folder of manifests, and applies every change. Ends gracefully on SIGTERM and SIGINT.")
        {
            options.config, options.address, options.gatewayAddresses, options.mapPort, options.admin, options.probes, options.accessLog, options.logFormat, options.loops,
            options.transport, options.trustedProxies, options.forwarded, options.localBackends, options.drainTimeout, options.dialects, options.nginxMetrics,
        };
        options.nginx.AddTo(command);
        foreach (var option in options.cluster.All)
        {
            command.Add(option);
        }

        command.Validators.Add(options.ValidateSource);
        command.Validators.Add(options.cluster.Validate);
        command.SetAction(options.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var error = parsed.InvocationConfiguration.Error;
        var log = new ProgramLog(error, parsed.GetValue(logFormat) == "json", TimeProvider.System);
        try
        {
            await using var output = Console.OpenStandardOutput();
            var settings = SettingsOf(parsed);
            var status = new GatewayStatus();
            var feed = parsed.GetValue(config) is { } folder
                ? new FolderFeed(folder, settings.Dialects, log)
                : await ClusterComposition.FeedAsync(cluster.SettingsOf(parsed), settings.Dialects, status, log);
            await using var gateway = new Gateway(settings, feed, status, log, new StartReport(error, log), output);
            await gateway.RunAsync(stop);
            return 0;
        }
        catch (IOException exception)
        {
            log.Write(LogLevel.Error, $"Cannot start: {exception.Message}");
            return CommandTree.Failed;
        }
    }

    /// <summary>How dialects are set up: as in a folder, or as the options about a cluster say.</summary>
    private DialectSettings DialectSettingsOf(ParseResult parsed)
    {
        var settings = parsed.GetValue(config) is null ? cluster.DialectsOf(parsed) : new DialectSettings();
        settings = nginx.Apply(parsed, settings);
        return settings with { GatewayApi = settings.GatewayApi with { Addresses = parsed.GetValue(gatewayAddresses) } };
    }

    private RunSettings SettingsOf(ParseResult parsed) => new(
        CommonOptions.DialectsOf(parsed, dialects, DialectSettingsOf(parsed)),
        new PortMap(
            parsed.GetValue(address), MapPortOption.PortsOf(parsed, mapPort), parsed.GetValue(gatewayAddresses) is null ? PortMap.Offset : 0))
    {
        Admin = parsed.GetRequiredValue(admin),
        Probes = parsed.GetValue(probes),
        AccessLog = parsed.GetValue(accessLog) switch
        {
            "json" => AccessLogFormat.Json,
            "json-times" => AccessLogFormat.JsonTimes,
            "common" => AccessLogFormat.Common,
            _ => null,
        },
        TellsNginxMetrics = parsed.GetValue(nginxMetrics),
        Loops = parsed.GetValue(loops),
        Transport = parsed.GetValue(transport) switch
        {
            "epoll" => options => new EpollTransport(options),
            "sockets" => options => new SocketsTransport(options),
            _ => Transports.Create,
        },
        TrustedProxies = TrustedProxies.Parse(parsed.GetValue(trustedProxies) ?? []),
        Forwarded = parsed.GetValue(forwarded) switch
        {
            "address" => ForwardedHeader.Address,
            "obfuscated" => ForwardedHeader.Obfuscated,
            _ => ForwardedHeader.Off,
        },
        RefusesLocalBackends = CommonOptions.RefusesLocalBackends(parsed, localBackends, auto: parsed.GetValue(config) is null),
        DrainTimeout = TimeSpan.FromSeconds(parsed.GetValue(drainTimeout)),
    };

    private void ValidateSource(CommandResult result)
    {
        if (result.GetResult(address) is { Implicit: false } && result.GetResult(gatewayAddresses) is { Implicit: false })
        {
            result.AddError("--address binds everything to one address; --gateway-addresses gives every Gateway its own.");
        }

        if (result.GetValue(config) is not null && cluster.GivenIn(result).FirstOrDefault() is { } option)
        {
            result.AddError($"{option.Name} is about a cluster; --config reads a folder.");
        }
    }

    private static void ValidateLoops(OptionResult result)
    {
        if (result.Tokens is [{ Value: var text }] && (!int.TryParse(text, out var count) || count is < 1 or > 1024))
        {
            result.AddError("--loops is a number from 1 to 1024.");
        }
    }

    private static void ValidateDrainTimeout(OptionResult result)
    {
        if (result.Tokens is [{ Value: var text }] && (!int.TryParse(text, out var seconds) || seconds is < 0 or > 86400))
        {
            result.AddError("--drain-timeout is a number of seconds from 0 to 86400.");
        }
    }

    private static void ValidateNetworks(OptionResult result)
    {
        foreach (var token in result.Tokens)
        {
            if (!IPAddress.TryParse(token.Value, out _) && !IPNetwork.TryParse(token.Value, out _))
            {
                result.AddError($"\"{token.Value}\" is not a network, such as 10.0.0.0/8.");
            }
        }
    }

    private static IPAddress? ParseAddress(ArgumentResult result)
    {
        if (IPAddress.TryParse(result.Tokens[0].Value, out var address))
        {
            return address;
        }

        result.AddError($"\"{result.Tokens[0].Value}\" is not an IP address.");
        return null;
    }
}
