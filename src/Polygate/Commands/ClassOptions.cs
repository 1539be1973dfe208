using System.CommandLine;
using System.CommandLine.Parsing;
using Polygate.Kubernetes.Resources;
using Polygate.Running;

namespace Polygate.Commands;

/// <summary>The options that name the classes that are this gateway's, where the cluster's own cannot be seen.</summary>
internal sealed class ClassOptions
{
    /// <summary>This gateway's controller strings by dialect; vendors' own are for <c>--claim</c>.</summary>
    private static readonly Dictionary<string, string> Controllers = new(StringComparer.Ordinal)
    {
        ["ingress"] = "gateway.polygate.io/ingress-controller",
        ["ingress-nginx"] = "gateway.polygate.io/ingress-nginx",
        ["traefik"] = "gateway.polygate.io/traefik",
        ["kong"] = "gateway.polygate.io/kong",
        ["ambassador"] = "gateway.polygate.io/ambassador",
    };

    private readonly Option<string[]> ingressClasses;
    private readonly Option<string[]> gatewayClasses;

    /// <param name="why">Why they are to be named, for the help.</param>
    public ClassOptions(string why)
    {
        ingressClasses = new("--ingress-class")
        {
            Description = $"An IngressClass that is this gateway's, and its dialect (ingress by default). {why}",
            HelpName = "NAME[=DIALECT]",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => ["polygate"],
            Validators = { Validate },
        };
        gatewayClasses = new("--gateway-class")
        {
            Description = $"A GatewayClass that is this gateway's. {why}",
            HelpName = "NAME",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => ["polygate"],
        };
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [ingressClasses, gatewayClasses];

    /// <summary>IngressClasses by name, with the controller string that serves them.</summary>
    public IReadOnlyDictionary<string, string> IngressClassesOf(ParseResult parsed) => parsed.GetRequiredValue(ingressClasses).Select(text => text.Split('=', 2))
        .ToDictionary(parts => parts[0], parts => Controllers[parts.Length == 1 ? "ingress" : parts[1]], StringComparer.Ordinal);

    /// <summary>The names of GatewayClasses.</summary>
    public IReadOnlyList<string> GatewayClassesOf(ParseResult parsed) => parsed.GetRequiredValue(gatewayClasses);

    /// <summary>All as objects.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="controllerName">This gateway's name in GatewayClasses.</param>
    public IReadOnlyList<Resource> ObjectsOf(ParseResult parsed, string controllerName) =>
    [
        .. IngressClassesOf(parsed).Select(named => KnownClasses.IngressClass(named.Key, named.Value)),
        .. GatewayClassesOf(parsed).Distinct().Select(name => KnownClasses.GatewayClass(name, controllerName)),
    ];

    private static void Validate(OptionResult result)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var token in result.Tokens)
        {
            var parts = token.Value.Split('=', 2);
            if (parts[0].Length == 0 || (parts.Length == 2 && !Controllers.ContainsKey(parts[1])))
            {
                result.AddError($"--ingress-class is a name, or a name and one of {string.Join(", ", Controllers.Keys)}, such as shop=ingress-nginx; \"{token.Value}\" is not.");
            }
            else if (!names.Add(parts[0]))
            {
                result.AddError($"--ingress-class names {parts[0]} twice.");
            }
        }
    }
}
