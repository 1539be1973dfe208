using System.CommandLine;
using Polygate.Dialects.GatewayApi.Addresses;

namespace Polygate.Commands;

/// <summary><c>--gateway-addresses 127.0.10.0/24</c>: addresses of which every Gateway gets its own.</summary>
internal static class GatewayAddressesOption
{
    public static Option<GatewayAddressPool?> Create() => new("--gateway-addresses")
    {
        Description = "Addresses and networks of which every Gateway of the Gateway API is bound to its own, at the configured ports.",
        HelpName = "CIDR",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = true,
        CustomParser = static result =>
        {
            try
            {
                return GatewayAddressPool.Parse(result.Tokens.SelectMany(token => token.Value.Split(',')));
            }
            catch (FormatException exception)
            {
                result.AddError(exception.Message);
                return null;
            }
        },
    };
}
