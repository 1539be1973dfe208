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
    private readonly Option<string?> kubeconfig = Text("--kubeconfig", "The kubeconfig file; by default KUBECONFIG's, the pod's service account, or ~/.kube/config.", "FILE");
    private readonly Option<string?> context = Text("--context", "The context of the kubeconfig; by default its current one.", "NAME");
    private readonly Option<string[]> namespaces = Several("--watch-namespaces", "Only objects of these namespaces, and of none else.", "NAME");
    private readonly Option<string?> namespaceSelector = Text("--watch-namespace-selector", "Only objects of namespaces with these labels.", "LABELS");
    private readonly Option<string?> snapshot = Text("--snapshot", "Keeps what is served in this file (it holds Secrets that are in use), so that a restart does not need the API server.", "FILE");
    private readonly Option<string[]> claim = Several("--claim", "Vendors whose own IngressClasses are served, as if this were the vendor's controller.", "DIALECT");
    private readonly Option<bool> withoutClass = new("--ingress-without-class") { Description = "Serve Ingresses without a class, where no class is the default." };
    private readonly Option<string> controllerName = new("--gateway-controller-name")
    {
        Description = "GatewayClasses of this controller are served.",
        HelpName = "NAME",
        DefaultValueFactory = _ => new GatewayApiOptions().ControllerName,
    };

    public ClusterOptions() => claim.AcceptOnlyFromAmong([.. IngressClasses.Vendors.Keys]);

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [kubeconfig, context, namespaces, namespaceSelector, snapshot, claim, withoutClass, controllerName];

    /// <summary>Those that contradict a folder, of which the command line has any.</summary>
    public IEnumerable<Option> GivenIn(CommandResult result) => All.Where(option => result.GetResult(option) is { Implicit: false });

    /// <summary>How dialects are set up in a cluster, where others may serve too.</summary>
    public DialectSettings DialectsOf(ParseResult parsed) => new()
    {
        Classes = new IngressClasses(
            (parsed.GetValue(claim) ?? []).Select(name => IngressClasses.Vendors[name]), parsed.GetValue(withoutClass)),
        GatewayApi = new GatewayApiOptions { ControllerName = parsed.GetRequiredValue(controllerName), ClaimAllClasses = false },
    };

    public ClusterRunSettings SettingsOf(ParseResult parsed) => new()
    {
        Server = new ClusterSettings(parsed.GetValue(kubeconfig), parsed.GetValue(context)),
        Scope = new WatchScope(parsed.GetValue(namespaces) ?? [], parsed.GetValue(namespaceSelector) ?? ""),
        Snapshot = parsed.GetValue(snapshot),
        ControllerName = parsed.GetRequiredValue(controllerName),
    };

    private static Option<string?> Text(string name, string description, string value) => new(name) { Description = description, HelpName = value };

    private static Option<string[]> Several(string name, string description, string value) =>
        new(name) { Description = description, HelpName = value, AllowMultipleArgumentsPerToken = true };
}
