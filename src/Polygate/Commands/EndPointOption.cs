using System.CommandLine.Parsing;
using System.Net;
using System.Net.Sockets;

namespace Polygate.Commands;

/// <summary>Reads <c>127.0.0.1:9000</c>, <c>[::1]:9000</c>, <c>:9000</c> (every address) and <c>localhost:9000</c>.</summary>
internal static class EndPointOption
{
    public static IPEndPoint? Parse(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (text.StartsWith(':'))
        {
            text = (Socket.OSSupportsIPv6 ? "[::]" : "0.0.0.0") + text;
        }
        else if (text.StartsWith("localhost:", StringComparison.OrdinalIgnoreCase))
        {
            text = "127.0.0.1" + text["localhost".Length..];
        }

        if (text.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(text, out var endPoint))
        {
            return endPoint;
        }

        result.AddError($"\"{result.Tokens[0].Value}\" is not an address and a port, such as 127.0.0.1:9000.");
        return null;
    }
}
