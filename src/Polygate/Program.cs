using System.CommandLine;

namespace Polygate;

/// <summary>The program: one command line, one composition root.</summary>
internal static class Program
{
    private static Task<int> Main(string[] arguments)
    {
        var root = new RootCommand("One Kubernetes gateway that speaks every ingress dialect.");
        return root.Parse(arguments).InvokeAsync();
    }
}
