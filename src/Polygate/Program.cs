using Polygate.Commands;

namespace Polygate;

/// <summary>The program: one command line, one composition root.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        using var stop = new StopSignals();
        return await CommandTree.InvokeAsync(arguments, Console.Out, Console.Error, stop.Token);
    }
}
