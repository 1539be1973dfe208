using System.CommandLine;

namespace Polygate.Commands;

/// <summary><c>polygate completion</c>: scripts for shells, which ask the program itself what fits.</summary>
internal static class CompletionCommand
{
    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "The shell." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command(
            "completion",
            "Prints a script that completes commands and options of this program.")
        { shell };
        command.SetAction(parsed => parsed.InvocationConfiguration.Output.WriteLine(parsed.GetRequiredValue(shell) switch
        {
            "bash" => Bash,
            "zsh" => Zsh,
            _ => Fish,
        }));
        return command;
    }

    private const string Bash = """
        _polygate() {
          local IFS=$'\n'
          COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _polygate polygate
        """;

    private const string Zsh = """
        #compdef polygate
        _polygate() {
          local -a found
          found=("${(@f)$("${words[1]}" "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
          compadd -a found || _files
        }
        if [ "${funcstack[1]}" = "_polygate" ]; then _polygate "$@"; else compdef _polygate polygate; fi
        """;

    private const string Fish = """
        complete -c polygate -a '(set -l line (commandline -cp); polygate "[suggest:"(string length -- $line)"]" $line 2>/dev/null)'
        """;
}
