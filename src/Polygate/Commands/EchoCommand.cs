using System.CommandLine;
using System.Net;
using Polygate.Echo;

namespace Polygate.Commands;

/// <summary><c>polygate echo</c>: a backend that answers what it saw.</summary>
internal static class EchoCommand
{
    public static Command Create()
    {
        var listen = new Option<IPEndPoint>("--listen", "-l")
        {
            Description = "Address and port to listen on.",
            HelpName = "ADDRESS:PORT",
            DefaultValueFactory = _ => new IPEndPoint(IPAddress.Loopback, 9000),
            CustomParser = EndPointOption.Parse,
        };
        var name = new Option<string>("--name") { Description = "The backend's name in its answers.", HelpName = "NAME", DefaultValueFactory = _ => "echo" };
        var http2 = new Option<bool>("--http2") { Description = "Speak HTTP/2 without TLS (h2c) instead of HTTP/1.1." };
        var command = new Command(
            "echo",
            "Runs a backend that answers with JSON: method, path, query, host, headers, client address and its own name.")
        { listen, name, http2 };
        command.SetAction(async (parsed, stop) =>
        {
            var configuration = parsed.InvocationConfiguration;
            EchoServer server;
            try
            {
                server = await EchoServer.StartAsync(parsed.GetRequiredValue(listen), parsed.GetRequiredValue(name), parsed.GetValue(http2));
            }
            catch (IOException exception)
            {
                configuration.Error.WriteLine($"Cannot listen: {exception.Message}");
                return CommandTree.Failed;
            }

            await using (server)
            {
                configuration.Output.WriteLine($"Echo backend {server.Name} listens on http://{server.EndPoint}");
                await StopWait.ForAsync(stop);
            }

            return 0;
        });
        return command;
    }
}
