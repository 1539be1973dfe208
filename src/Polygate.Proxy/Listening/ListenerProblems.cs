using Polygate.Model;

namespace Polygate.Proxy.Listening;

/// <summary>What is wrong with the listeners of a configuration, without binding any.</summary>
public static class ListenerProblems
{
    /// <summary>Listeners that contradict each other on one address, and those that have no address.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="options">Which addresses its listeners get.</param>
    public static IReadOnlyList<Diagnostic> Of(GatewayConfiguration configuration, ListenerOptions options)
    {
        List<Diagnostic> diagnostics = [];
        SocketPlan.For(configuration, options, diagnostics);
        return diagnostics;
    }
}
