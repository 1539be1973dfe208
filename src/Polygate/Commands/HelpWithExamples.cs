using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Polygate.Commands;

/// <summary>The usual help, with examples at its end.</summary>
internal sealed class HelpWithExamples : SynchronousCommandLineAction
{
    private readonly HelpAction help;
    private readonly IReadOnlyDictionary<string, string[]> examples;

    private HelpWithExamples(HelpAction help, IReadOnlyDictionary<string, string[]> examples)
    {
        this.help = help;
        this.examples = examples;
    }

    /// <summary>Adds examples to the help of a command and its subcommands.</summary>
    /// <param name="root">The command line.</param>
    /// <param name="examples">Command lines by the name of the command.</param>
    public static void AddTo(RootCommand root, IReadOnlyDictionary<string, string[]> examples)
    {
        foreach (var option in root.Options.OfType<HelpOption>())
        {
            option.Action = new HelpWithExamples((HelpAction)option.Action!, examples);
        }
    }

    public override int Invoke(ParseResult parseResult)
    {
        var code = help.Invoke(parseResult);
        if (examples.TryGetValue(parseResult.CommandResult.Command.Name, out var lines))
        {
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var line in lines)
            {
                output.WriteLine("  " + line);
            }

            output.WriteLine();
        }

        return code;
    }
}
