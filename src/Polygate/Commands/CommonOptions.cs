using System.CommandLine;
using Polygate.Dialects;
using Polygate.Dialects.Pipeline;

namespace Polygate.Commands;

/// <summary>Options that several commands have.</summary>
internal static class CommonOptions
{
    public static Option<string> Config(bool isRequired = true) => new("--config", "-c")
    {
        Description = "The folder of Kubernetes manifests (*.yaml, *.yml, *.json, with subfolders).",
        HelpName = "DIR",
        Required = isRequired,
        Validators =
        {
            result =>
            {
                if (result.GetValueOrDefault<string>() is { } folder && !Directory.Exists(folder))
                {
                    result.AddError(File.Exists(folder) ? $"{folder} is a file; --config takes the folder that it is in." : $"There is no folder {folder}.");
                }
            },
        },
    };

    public static Option<string[]> Dialects()
    {
        var option = new Option<string[]>("--dialects")
        {
            Description = "Only these dialects; by default all of them.",
            HelpName = "NAME",
            AllowMultipleArgumentsPerToken = true,
        };
        option.AcceptOnlyFromAmong([.. Composition.Dialects.Select(dialect => dialect.Name)]);
        return option;
    }

    /// <summary>How a command prints; the first choice is the default.</summary>
    public static Option<string> Output(string description, params string[] choices)
    {
        var option = Choice("--output", description, choices);
        option.Aliases.Add("-o");
        return option;
    }

    public static Option<string> Choice(string name, string description, params string[] choices)
    {
        var option = new Option<string>(name) { Description = description, DefaultValueFactory = _ => choices[0] };
        option.AcceptOnlyFromAmong(choices);
        return option;
    }

    /// <summary>Whether backends at a <see cref="Model.LocalAddress"/> are errors.</summary>
    /// <param name="auto">What <c>auto</c>, the default, does.</param>
    public static Option<string> LocalBackends(string auto) => Choice(
        "--local-backends", $"Backends on the gateway's loopback and link-local addresses, such as the admin port or a cloud's metadata. {auto}", "auto", "allow", "refuse");

    /// <summary>What the command line says of <see cref="LocalBackends"/>.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="option">The option.</param>
    /// <param name="auto">What <c>auto</c> comes to.</param>
    public static bool RefusesLocalBackends(ParseResult parsed, Option<string> option, bool auto) => parsed.GetValue(option) switch
    {
        "allow" => false,
        "refuse" => true,
        _ => auto,
    };

    /// <summary>The dialects that the command line asks for.</summary>
    public static IReadOnlyList<IDialect> DialectsOf(ParseResult parsed, Option<string[]> option, DialectSettings? settings = null) =>
        Composition.DialectsNamed(parsed.GetValue(option) ?? [], settings);
}
