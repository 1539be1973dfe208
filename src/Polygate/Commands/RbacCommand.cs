using System.CommandLine;
using System.Text.RegularExpressions;
using Polygate.Access;

namespace Polygate.Commands;

/// <summary><c>polygate rbac</c>: the access rules that a run needs in a cluster.</summary>
internal static partial class RbacCommand
{
    public static Command Create()
    {
        var dialects = CommonOptions.Dialects();
        var namespaces = new Option<string[]>("--watch-namespaces")
        {
            Description = "Roles in these namespaces in place of rights in all of them.",
            HelpName = "NAME",
            AllowMultipleArgumentsPerToken = true,
            Validators = { result => Check(result, DnsLabel(), "a namespace") },
        };
        var namespacedOnly = new Option<bool>("--namespaced-only") { Description = "No rights on what has no namespace, for a run with the same option." };
        var nodes = new Option<bool>("--publish-nodes") { Description = "Reading nodes too, for a run with the same option." };
        var services = new Option<bool>("--gateway-services") { Description = "Making Services for Gateways too, for a run with the same option." };
        var name = new Option<string>("--name")
        {
            Description = "The name of the roles and bindings, and of the gateway's Service.",
            HelpName = "NAME",
            DefaultValueFactory = _ => "polygate",
            Validators = { result => Check(result, DnsLabel(), "a name") },
        };
        var account = new Option<string>("--service-account")
        {
            Description = "The service account that gets the rights.",
            HelpName = "NAMESPACE/NAME",
            DefaultValueFactory = _ => "polygate-system/polygate",
            Validators = { result => Check(result, Account(), "a service account, such as polygate-system/polygate,") },
        };
        var only = new Option<string?>("--rules")
        {
            Description = "Only some rules, as a list: the dialects' in namespaces, the dialects' without one, the gateway's own by purpose, or those of the admission webhook and of polygate migrate.",
            HelpName = "namespaced|cluster|events|nodes|services|election|admission|migration",
        };
        only.AcceptOnlyFromAmong("namespaced", "cluster", "events", "nodes", "services", "election", "admission", "migration");
        var command = new Command(
            "rbac",
            "Prints the least access rules that a run needs in a cluster, as manifests: reading the kinds of its dialects, and writing their statuses.")
        { dialects, namespaces, namespacedOnly, nodes, services, name, account, only };
        command.Validators.Add(result =>
        {
            if (result.GetValue(namespacedOnly) && (result.GetValue(namespaces) ?? []).Length == 0)
            {
                result.AddError("--namespaced-only needs --watch-namespaces.");
            }
        });
        command.SetAction(parsed =>
        {
            var chosen = CommonOptions.DialectsOf(parsed, dialects);
            var ofDialects = AccessRules.Merged(chosen.SelectMany(AccessRules.Of));
            AccessRule[] ofGateway =
                [AccessRules.Events, .. parsed.GetValue(nodes) ? [AccessRules.Nodes] : Array.Empty<AccessRule>(), .. parsed.GetValue(services) ? AccessRules.GatewayServices : []];
            var rules = AccessRules.Merged([.. ofGateway, .. ofDialects]);
            var watched = parsed.GetValue(namespaces) ?? [];
            var (role, who) = (parsed.GetRequiredValue(name), parsed.GetRequiredValue(account));
            parsed.InvocationConfiguration.Output.Write(parsed.GetValue(only) switch
            {
                "namespaced" => AccessManifests.Rules(ofDialects.Where(rule => !rule.IsClusterScoped)),
                "cluster" => AccessManifests.Rules(ofDialects.Where(rule => rule.IsClusterScoped)),
                "events" => AccessManifests.Rules([AccessRules.Events]),
                "nodes" => AccessManifests.Rules([AccessRules.Nodes]),
                "services" => AccessManifests.Rules(AccessRules.GatewayServices),
                "election" => AccessManifests.Rules([AccessRules.Election]),
                "admission" => AccessManifests.AdmissionRules(chosen),
                "migration" => AccessManifests.Rules(AccessRules.Migration),
                _ when watched.Length > 0 => AccessManifests.ForNamespaces(rules, watched, role, who, parsed.GetValue(namespacedOnly)),
                _ => AccessManifests.ForCluster(rules, role, who),
            });
            return 0;
        });
        return command;
    }

    private static void Check(System.CommandLine.Parsing.OptionResult result, Regex pattern, string what)
    {
        foreach (var token in result.Tokens.Where(token => !pattern.IsMatch(token.Value)))
        {
            result.AddError($"\"{token.Value}\" is not {what} that Kubernetes takes.");
        }
    }

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex DnsLabel();

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex Account();
}
