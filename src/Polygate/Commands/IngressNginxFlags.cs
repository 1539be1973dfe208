using System.CommandLine;
using Polygate.Dialects;
using Polygate.Dialects.IngressNginx;
using Polygate.Model;

namespace Polygate.Commands;

/// <summary>What the administrator of ingress-nginx says by flags, under the names that they have there.</summary>
internal sealed class IngressNginxFlags
{
    private const string AllQuirks = "all";

    private readonly Option<bool> passthrough = new("--enable-ssl-passthrough") { Description = "ingress-nginx: heed the annotation ssl-passthrough." };
    private readonly Option<string?> defaultBackend = FullName("--default-backend-service", "ingress-nginx: the Service for hosts and paths that nobody serves, and for error pages.");
    private readonly Option<string?> defaultCertificate = FullName("--default-ssl-certificate", "ingress-nginx: the Secret of the certificate for hosts without one and for unknown names.");
    private readonly Option<string?> configMap = FullName("--configmap", "ingress-nginx: the controller's ConfigMap; by default ingress-nginx/ingress-nginx-controller.");
    private readonly Option<string?> tcpServices = FullName("--tcp-services-configmap", "ingress-nginx: the ConfigMap of TCP ports; by default the usual names.");
    private readonly Option<string?> udpServices = FullName("--udp-services-configmap", "ingress-nginx: the ConfigMap of UDP ports; by default the usual names.");
    private readonly Option<string[]> snippets = new("--allow-snippet-annotations")
    {
        Description = "ingress-nginx: IngressClasses whose Ingresses may have configuration-snippet and server-snippet, as far as they are understood.",
        HelpName = "CLASS",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string[]> strict = new("--ingress-nginx-strict")
    {
        Description = "ingress-nginx: quirks to turn off, by their codes, or all (docs/ingress-nginx.md).",
        HelpName = "CODE",
        AllowMultipleArgumentsPerToken = true,
    };

    public IngressNginxFlags() => strict.AcceptOnlyFromAmong([AllQuirks, .. NginxQuirks.All.Select(quirk => quirk.Code)]);

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [passthrough, defaultBackend, defaultCertificate, configMap, tcpServices, udpServices, snippets, strict];

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in All)
        {
            command.Add(option);
        }
    }

    /// <summary>Settings with what the command line says.</summary>
    public DialectSettings Apply(ParseResult parsed, DialectSettings settings)
    {
        var options = settings.IngressNginx;
        var codes = parsed.GetValue(strict) ?? [];
        return settings with
        {
            IngressNginx = options with
            {
                AllowsPassthrough = parsed.GetValue(passthrough),
                DefaultBackendService = parsed.GetValue(defaultBackend),
                DefaultCertificate = parsed.GetValue(defaultCertificate),
                ConfigMap = parsed.GetValue(configMap) ?? options.ConfigMap,
                TcpServices = parsed.GetValue(tcpServices) is { } tcp ? [tcp] : options.TcpServices,
                UdpServices = parsed.GetValue(udpServices) is { } udp ? [udp] : options.UdpServices,
                SnippetClasses = (parsed.GetValue(snippets) ?? []).ToValueList(),
                Strict = codes.Contains(AllQuirks) ? NginxQuirks.All.Select(quirk => quirk.Code).ToValueList() : codes.Distinct().ToValueList(),
            },
        };
    }

    /// <summary>An option that names an object with its namespace.</summary>
    public static Option<string?> FullName(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "NAMESPACE/NAME" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && text.Split('/') is not [{ Length: > 0 }, { Length: > 0 }])
            {
                result.AddError($"{name} is a namespace and a name, such as ingress-nginx/default; \"{text}\" is not.");
            }
        });
        return option;
    }
}
