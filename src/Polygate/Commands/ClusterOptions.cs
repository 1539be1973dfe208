using System.CommandLine;
using System.CommandLine.Parsing;
using Polygate.Dialects;
using Polygate.Dialects.Common;
using Polygate.Dialects.GatewayApi;
using Polygate.Kubernetes.Cluster;
using Polygate.Kubernetes.Cluster.Api;
using Polygate.Running;

namespace Polygate.Commands;

/// <summary>The options of a run against an API server.</summary>
internal sealed class ClusterOptions
{
    private readonly Option<string?> kubeconfig = Kubeconfig();
    private readonly Option<string?> context = Context();
    private readonly Option<string[]> namespaces = Several("--watch-namespaces", "Only objects of these namespaces, and of none else.", "NAME");
    private readonly Option<string?> namespaceSelector = Text("--watch-namespace-selector", "Only objects of namespaces with these labels.", "LABELS");
    private readonly Option<bool> namespacedOnly = new("--namespaced-only")
    {
        Description = "Reads nothing that has no namespace (classes, Namespaces, Nodes), so that Roles are all the rights that are needed.",
    };

    private readonly ClassOptions classes = new("For --namespaced-only, which does not read classes.");
    private readonly Option<string?> snapshot = Text("--snapshot", "Keeps what is served in this file (it holds Secrets that are in use), so that a restart does not need the API server.", "FILE");
    private readonly Option<string[]> claim = Several("--claim", "Vendors whose own IngressClasses are served, as if this were the vendor's controller.", "DIALECT");
    private readonly Option<bool> withoutClass = new("--ingress-without-class") { Description = "Serve Ingresses without a class, where no class is the default." };
    private readonly Option<string> controllerName = new("--gateway-controller-name")
    {
        Description = "GatewayClasses of this controller are served.",
        HelpName = "NAME",
        DefaultValueFactory = _ => new GatewayApiOptions().ControllerName,
    };

    private readonly Option<string?> publishService = new("--publish-service")
    {
        Description = "The gateway's own Service: its addresses stand in statuses.",
        HelpName = "NAMESPACE/NAME",
        Validators = { ValidateService },
    };

    private readonly Option<string[]> publishAddresses = Several("--publish-address", "Addresses or host names that stand in statuses, in place of the Service's.", "ADDRESS");
    private readonly Option<bool> publishNodes = new("--publish-nodes") { Description = "The addresses of ready nodes stand in statuses, where there is nothing better." };
    private readonly Option<bool> gatewayServices = new("--gateway-services")
    {
        Description = "Make a Service for each Gateway, with the labels and annotations of its infrastructure: its addresses under a name in the cluster.",
    };

    private readonly Option<string> leaderName = new("--leader-election-id")
    {
        Description = "The Lease by which replicas elect the one that writes statuses.",
        HelpName = "NAME",
        DefaultValueFactory = _ => "polygate",
    };

    private readonly Option<string?> leaderNamespace = Text("--leader-election-namespace", "The namespace of the Lease; by default the gateway's own.", "NAMESPACE");

    public ClusterOptions() => claim.AcceptOnlyFromAmong([.. IngressClasses.Vendors.Keys]);

    /// <summary>Where the API server's address and credentials are.</summary>
    public static Option<string?> Kubeconfig() => Text("--kubeconfig", "The kubeconfig file; by default KUBECONFIG's, the pod's service account, or ~/.kube/config.", "FILE");

    /// <summary>Which of the API servers of a kubeconfig.</summary>
    public static Option<string?> Context() => Text("--context", "The context of the kubeconfig; by default its current one.", "NAME");

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [kubeconfig, context, namespaces, namespaceSelector, namespacedOnly, .. classes.All, snapshot, claim, withoutClass, controllerName,
        publishService, publishAddresses, publishNodes, gatewayServices, leaderName, leaderNamespace];

    /// <summary>Those that say which objects are this gateway's.</summary>
    public IReadOnlyList<Option> OfClasses => [claim, withoutClass, controllerName];

    /// <summary>Those that contradict a folder, of which the command line has any.</summary>
    public IEnumerable<Option> GivenIn(CommandResult result) => All.Where(option => result.GetResult(option) is { Implicit: false });

    /// <summary>How dialects are set up in a cluster, where others may serve too.</summary>
    public DialectSettings DialectsOf(ParseResult parsed) => new()
    {
        Classes = new IngressClasses(
            (parsed.GetValue(claim) ?? []).Select(name => IngressClasses.Vendors[name]), parsed.GetValue(withoutClass)),
        GatewayApi = new GatewayApiOptions { ControllerName = parsed.GetRequiredValue(controllerName), ClaimAllClasses = false, MakesServices = parsed.GetValue(gatewayServices) },
    };

    /// <summary>Says what contradicts itself.</summary>
    public void Validate(CommandResult result)
    {
        if (!result.GetValue(namespacedOnly))
        {
            foreach (var option in classes.All.Where(option => result.GetResult(option) is { Implicit: false }))
            {
                result.AddError($"{option.Name} is for --namespaced-only; otherwise the classes of the cluster are read.");
            }

            return;
        }

        if ((result.GetValue(namespaces) ?? []).Length == 0)
        {
            result.AddError("--namespaced-only needs --watch-namespaces.");
        }

        if (result.GetValue(namespaceSelector) is not null || result.GetValue(publishNodes))
        {
            result.AddError("--namespaced-only reads neither Namespaces, which --watch-namespace-selector asks for, nor Nodes, which --publish-nodes does.");
        }
    }

    public ClusterRunSettings SettingsOf(ParseResult parsed) => new()
    {
        Server = new ClusterSettings(parsed.GetValue(kubeconfig), parsed.GetValue(context)),
        Scope = new WatchScope(parsed.GetValue(namespaces) ?? [], parsed.GetValue(namespaceSelector) ?? ""),
        NamespacedOnly = parsed.GetValue(namespacedOnly),
        KnownClasses = parsed.GetValue(namespacedOnly) ? classes.ObjectsOf(parsed, parsed.GetRequiredValue(controllerName)) : [],
        Snapshot = parsed.GetValue(snapshot),
        ControllerName = parsed.GetRequiredValue(controllerName),
        GatewayServices = parsed.GetValue(gatewayServices),
        LeaderElectionName = parsed.GetRequiredValue(leaderName),
        LeaderElectionNamespace = parsed.GetValue(leaderNamespace),
        Addresses = new AddressSettings
        {
            Fixed = [.. (parsed.GetValue(publishAddresses) ?? []).Distinct().Order(StringComparer.Ordinal)],
            Service = parsed.GetValue(publishService)?.Split('/') is [var ns, var name] ? (ns, name) : null,
            Nodes = parsed.GetValue(publishNodes),
        },
    };

    private static void ValidateService(OptionResult result)
    {
        if (result.Tokens is [{ Value: var text }] && text.Split('/') is not [{ Length: > 0 }, { Length: > 0 }])
        {
            result.AddError($"--publish-service is a namespace and a name, such as polygate-system/polygate; \"{text}\" is not.");
        }
    }

    private static Option<string?> Text(string name, string description, string value) => new(name) { Description = description, HelpName = value };

    private static Option<string[]> Several(string name, string description, string value) =>
        new(name) { Description = description, HelpName = value, AllowMultipleArgumentsPerToken = true };
}
