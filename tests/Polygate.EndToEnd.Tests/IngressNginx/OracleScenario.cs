using Polygate.Dialects.Tests.Ingress;

namespace Polygate.EndToEnd.Tests.IngressNginx;

/// <summary>The same thing said twice: as Ingresses with annotations, and as nginx servers written by hand; and requests to ask both with.</summary>
/// <param name="Name">What it is about.</param>
/// <param name="Ingresses">For Polygate.</param>
/// <param name="Servers">For nginx; <c>LISTEN</c> stands for the listen directive.</param>
/// <param name="Requests">A line each: <c>METHOD host target</c>, then header fields parted by bars.</param>
internal sealed record OracleScenario(string Name, IReadOnlyList<IngressYaml> Ingresses, string Servers, string Requests)
{
    /// <summary>Further manifests for Polygate.</summary>
    public string Manifests { get; init; } = "";

    public IEnumerable<string> Lines => Requests.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Sends a request line to a server.</summary>
    public static Task<RawAnswer> SendAsync(string address, string line)
    {
        var parts = line.Split(" | ", StringSplitOptions.TrimEntries);
        var request = parts[0].Split(' ', 3);
        return RawClient.SendAsync(
            address, 8080, request[0], request[1], request[2],
            parts[1..].Select(field => field.Split(':', 2)).Select(pair => (pair[0], pair[1].Trim())));
    }
}
