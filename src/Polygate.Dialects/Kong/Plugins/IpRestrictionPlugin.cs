using System.Net;
using Polygate.Dialects.Common;
using Polygate.Model;

namespace Polygate.Dialects.Kong.Plugins;

/// <summary><c>ip-restriction</c>: refused networks first, then a list of allowed ones refuses everybody else.</summary>
internal static class IpRestrictionPlugin
{
    public static void Apply(PluginConfig config, PluginTarget target, Findings findings)
    {
        var message = config.Text("message") ?? "IP address not allowed: {address}";
        target.Add(new AddressAccessFilter
        {
            Allow = Networks("allow"),
            Deny = Networks("deny"),
            RejectStatus = (int)(config.Number("status") ?? 403),
            RejectBody = KongAnswers.Message(message),
        });

        ValueList<string> Networks(string key)
        {
            var networks = config.Texts(key) ?? [];
            foreach (var network in networks.Where(network => !IPAddress.TryParse(network, out _) && !IPNetwork.TryParse(network, out _)))
            {
                findings.Error("invalid-network", $"'{network}' is neither an IP address nor a network in CIDR notation.", config.Field(key));
            }

            return networks.ToValueList();
        }
    }
}
